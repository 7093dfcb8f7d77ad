import { FIELD_ID } from '../../../base/http/field-names.ts';
import { ChunkedReader, type ChunkSink } from '../../../base/http1/chunked-reader.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE } from '../../../base/http1/framing.ts';
import { HEAD_OPEN, HeadBuffer } from '../../../base/http1/head-buffer.ts';
import { ResponseHead, ResponseHeadParser } from '../../../base/http1/response-head.ts';
import { isOffered } from '../../../base/http1/upgrade-list.ts';
import { Timer, type TimerOwner, type TimerWheel } from '../../../base/time/timer-wheel.ts';
import type {
  UpstreamConnection,
  UpstreamFailure,
  UpstreamOwner,
  UpstreamRequestFraming,
} from '../../exchange/upstream.ts';
import type { Address } from '../addresses.ts';
import { WireTunnel } from '../../wire/tunnel.ts';
import type { Wire, WireOwner } from '../../wire/wire.ts';

/** Limits of an answer's head; a backend is trusted more than a client, but not without bound. */
const HEAD_BYTES = 262_144;
const parser = new ResponseHeadParser({ headBytes: HEAD_BYTES, headFields: 512, targetBytes: 0 });
/** 1xx answers before a final one; more is a backend in a loop. */
const MAX_INFORMATIONAL = 32;

/** Bodies above this are worth a read buffer of the connection's own. */
const BULK_BYTES = 16_384;

const UPGRADE = FIELD_ID.upgrade;

/** Rest of an answer that is read for the sake of its connection. */
const DISCARD_BYTES = 65_536;

const IDLE = 0;
const AWAIT_HEAD = 1;
const BODY = 2;
const OVER = 3;
/** Purpose of the timer while the backend is slow to take a body. */
const UPLOAD = 4;

/** What a connection tells its pool; exactly one of the two ends a lease. */
export interface ConnectionPool {
  readonly wheel: TimerWheel;
  readonly idleTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
  /** The connection can carry another request. */
  connectionIdle(connection: Http1UpstreamConnection): void;
  /** The connection is gone. */
  connectionOver(connection: Http1UpstreamConnection): void;
}

/** Where a connection goes, and whose it is. */
export interface ConnectionOrigin {
  readonly address: Address;
  /** Empty where connections are shared by all clients. */
  readonly client: string;
}

/** One HTTP/1.1 connection to a backend: carries one request at a time, goes back to its pool when the answer's end was certain. */
export class Http1UpstreamConnection implements WireOwner, TimerOwner, UpstreamConnection, ChunkSink {
  reused = false;
  answerBegun = false;
  readonly wire: Wire;
  readonly address: Address;
  readonly client: string;
  /** Of the pool's addresses, when the connection's own was last found among them. */
  epoch = 0;
  private readonly pool: ConnectionPool;
  private readonly timer: Timer = new Timer(this);
  private readonly head: ResponseHead = new ResponseHead();
  private owner: UpstreamOwner | null = null;
  private framing: UpstreamRequestFraming | null = null;
  private state = IDLE;
  private requestSent = false;
  private remaining = 0;
  private unsent = 0;
  private bulk = false;
  /** The answer is a stream of events. */
  private open = false;
  private chunks: ChunkedReader | null = null;
  private stash: HeadBuffer | null = null;
  private informational = 0;

  constructor(open: (owner: WireOwner) => Wire, pool: ConnectionPool, { address, client }: ConnectionOrigin) {
    this.pool = pool;
    this.address = address;
    this.client = client;
    this.wire = open(this);
  }

  sendRequest(owner: UpstreamOwner, head: string, framing: UpstreamRequestFraming): void {
    this.owner = owner;
    this.framing = framing;
    this.state = AWAIT_HEAD;
    this.answerBegun = false;
    this.informational = 0;
    this.requestSent = !framing.hasBody;
    // The backend owes its answer from the end of the request on, or from its head when it is asked to let the body come.
    if (this.requestSent || framing.expectsContinue) this.awaitHead();
    this.wire.writeText(head);
  }

  sendData(bytes: Buffer, start: number, end: number): void {
    if (start === end) return;
    const chunked = (this.framing as UpstreamRequestFraming).chunked;
    if (chunked) this.wire.writeText(`${(end - start).toString(16)}\r\n`);
    this.wire.writeBytes(bytes, start, end);
    if (chunked) this.wire.writeText('\r\n');
    if (this.state === AWAIT_HEAD && this.timer.purpose !== UPLOAD) this.pool.wheel.disarm(this.timer);
  }

  sendEnd(trailers: string): void {
    this.requestSent = true;
    if ((this.framing as UpstreamRequestFraming).chunked) this.wire.writeText(`0\r\n${trailers}\r\n`);
    if (this.state === AWAIT_HEAD) this.awaitHead();
  }

  pause(): void {
    this.wire.pause();
    if (this.state === BODY) this.pool.wheel.disarm(this.timer);
  }

  resume(): void {
    this.wire.resume();
    if (this.state === BODY) this.awaitBody();
  }

  keepOpen(): void {
    this.open = true;
  }

  abort(): void {
    this.owner = null;
    this.close();
  }

  discard(): void {
    const { framing, contentLength } = this.head;
    const isShort = framing === BODY_NONE || (framing === BODY_LENGTH && contentLength <= DISCARD_BYTES);
    this.owner = null;
    if (!isShort || !this.requestSent) this.close();
  }

  /** Closes an idle connection. */
  close(): void {
    if (this.state === OVER) return;
    this.state = OVER;
    this.pool.wheel.remove(this.timer);
    this.wire.destroy();
    this.pool.connectionOver(this);
  }

  wireData(bytes: Buffer, start: number, end: number): void {
    const stash = this.stash;
    if (stash === null) {
      this.read(bytes, start, end);
      return;
    }
    stash.append(bytes, start, end);
    // Parsed again only when it may be complete: a head in tiny pieces must not cost its length squared (DESIGN.md 5).
    if (stash.scan() === HEAD_OPEN && stash.length < HEAD_BYTES) return;
    this.stash = null;
    this.read(stash.bytes, 0, stash.length);
  }

  wireEnd(): void {
    if (this.state === BODY && this.framing !== null && this.chunks === null && this.remaining < 0)
      this.finish(null, false);
    else this.lost();
  }

  wireClosed(): void {
    this.lost();
  }

  wireBlocked(): void {
    if (this.state === AWAIT_HEAD && !this.requestSent) this.awaitUpload();
    this.owner?.upstreamBlocked();
  }

  wireDrained(): void {
    if (this.state === AWAIT_HEAD && !this.requestSent) this.pool.wheel.disarm(this.timer);
    this.owner?.upstreamDrained();
  }

  wireDefect(): void {
    this.fail('internal_defect');
  }

  timerExpired(timer: Timer): void {
    if (this.state === AWAIT_HEAD && timer.purpose === UPLOAD && this.wire.pendingBytes < this.unsent)
      this.awaitUpload();
    else if (this.state === AWAIT_HEAD)
      this.fail(timer.purpose === UPLOAD ? 'backend_upload_timeout' : 'backend_timeout');
    else if (this.state === BODY) this.fail('backend_body_timeout');
    else if (timer.purpose === IDLE) this.close();
  }

  chunkData(bytes: Buffer, start: number, end: number): void {
    this.owner?.upstreamData(bytes, start, end);
  }

  private awaitHead(): void {
    this.pool.wheel.arm(this.timer, (this.framing as UpstreamRequestFraming).responseTimeoutMs, AWAIT_HEAD);
  }

  /** The backend does not take the body: it may be slow, not silent. How long the client takes is its listener's business. */
  private awaitUpload(): void {
    this.unsent = this.wire.pendingBytes;
    this.pool.wheel.arm(this.timer, (this.framing as UpstreamRequestFraming).responseTimeoutMs, UPLOAD);
  }

  private read(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end && this.state !== OVER) {
      if (this.state === AWAIT_HEAD) at = this.readHead(bytes, at, end);
      else if (this.state === BODY) at = this.readBody(bytes, at, end);
      else {
        // Bytes without a request are no answer to anything: a desynchronised backend's connection is never used again.
        this.close();
        return;
      }
    }
  }

  private readHead(bytes: Buffer, start: number, end: number): number {
    const framing = this.framing as UpstreamRequestFraming;
    this.answerBegun = true;
    const stop = parser.parse(bytes, start, end, this.head, framing.headRequest);
    if (stop < 0) this.fail(parser.refusal);
    if (stop === 0) {
      this.stash = new HeadBuffer(end - start);
      this.stash.append(bytes, start, end);
      this.stash.scan();
    }
    if (stop <= 0) return end;
    if (this.head.status < 200) return this.readInformational(bytes, stop, end);
    this.beginAnswer(stop < end);
    return stop;
  }

  private readInformational(bytes: Buffer, stop: number, end: number): number {
    if (this.head.status === 101) return this.upgrade(bytes, stop, end);
    if (++this.informational > MAX_INFORMATIONAL) {
      this.fail('backend_invalid_response');
      return end;
    }
    // It lives, and its final answer has not begun: what comes now is no race with its idle timeout.
    this.answerBegun = false;
    this.reused = false;
    this.owner?.upstreamInformational(this.head);
    return stop;
  }

  private upgrade(bytes: Buffer, stop: number, end: number): number {
    const owner = this.owner;
    if (owner === null || !isAskedFor(this.head, (this.framing as UpstreamRequestFraming).upgrade)) {
      this.fail('backend_invalid_response');
      return end;
    }
    this.pool.wheel.remove(this.timer);
    this.state = OVER;
    const tunnel = new WireTunnel(this.wire, () => this.pool.connectionOver(this));
    tunnel.peer = owner.upstreamUpgraded(this.head, tunnel);
    // A tunnel may stay for days: nothing of its request is kept alive from here.
    this.owner = null;
    this.framing = null;
    this.head.fields.clear();
    if (stop < end) tunnel.wireData(bytes, stop, end);
    return end;
  }

  private beginAnswer(more: boolean): void {
    const head = this.head;
    this.state = BODY;
    this.remaining = head.framing === BODY_LENGTH ? head.contentLength : -1;
    this.bulk = this.remaining > BULK_BYTES;
    this.open = false;
    this.chunks = head.framing === BODY_CHUNKED ? new ChunkedReader() : null;
    const owner = this.owner as UpstreamOwner;
    owner.upstreamHead(head);
    if (this.state !== BODY) return;
    if (head.framing === BODY_NONE) this.finish(null, more);
    else if (!more || this.bulk || this.remaining < 0) this.expectBody();
  }

  private expectBody(): void {
    this.wire.expectBulk(this.bulk || (this.remaining < 0 && !this.open));
    this.awaitBody();
  }

  /** How long a stream of events may be silent is for its owner to say. */
  private awaitBody(): void {
    this.pool.wheel.arm(this.timer, this.open ? 0 : this.pool.bodyIdleTimeoutMs, BODY);
  }

  private readBody(bytes: Buffer, start: number, end: number): number {
    if (this.chunks !== null) return this.readChunks(this.chunks, bytes, start, end);
    const stop = this.remaining < 0 ? end : Math.min(end, start + this.remaining);
    if (this.remaining >= 0) this.remaining -= stop - start;
    this.owner?.upstreamData(bytes, start, stop);
    if (this.state !== BODY) return stop;
    if (this.remaining === 0) this.finish(null, stop < end);
    else this.awaitBody();
    return stop;
  }

  private readChunks(chunks: ChunkedReader, bytes: Buffer, start: number, end: number): number {
    const stop = chunks.read(bytes, start, end, this);
    if (this.state !== BODY) return end;
    if (stop < 0) this.fail('backend_body_invalid');
    else if (chunks.done) this.finish(chunks.trailers, stop < end);
    else this.awaitBody();
    return stop < 0 ? end : stop;
  }

  /**
   * The answer is complete. The connection goes back before the owner hears of it, so that the client's next request finds it.
   * Reuse needs a certain end, a request that was sent whole, and a client head that did not ask for the end.
   *
   * @param surplus bytes follow in the same read: the next request could get the connection in this call and take them for its
   * answer, so the connection ends here (RFC 9112 11.2, response splitting)
   */
  private finish(trailers: ChunkedReader['trailers'], surplus: boolean): void {
    const owner = this.owner;
    const reusable = this.head.persistent && this.requestSent && !surplus && !this.wire.closed;
    this.owner = null;
    this.chunks = null;
    this.reused = true;
    if (reusable) {
      this.state = IDLE;
      // A backend that sent much will do so again: its next answer is read into a buffer of its own from the first byte.
      this.wire.expectBulk(this.bulk);
      this.wire.resume();
      this.pool.wheel.arm(this.timer, this.pool.idleTimeoutMs, IDLE);
      this.pool.connectionIdle(this);
    }
    owner?.upstreamEnd(trailers);
    if (!reusable) this.close();
  }

  private lost(): void {
    if (this.state === AWAIT_HEAD && this.answerBegun) this.fail('backend_reset_in_head');
    else if (this.state === AWAIT_HEAD) this.fail(this.reused ? 'backend_reset_reused' : 'backend_reset_before_head');
    else if (this.state === BODY) this.fail('backend_body_incomplete');
    else if (this.state === IDLE) this.close();
  }

  private fail(code: UpstreamFailure): void {
    const owner = this.owner;
    this.owner = null;
    this.close();
    owner?.upstreamFailed(code);
  }
}

/** Whether a 101 switches to what was asked for (RFC 9110 7.8). */
function isAskedFor(head: ResponseHead, asked: string | null): boolean {
  const chosen = head.fields.joined(UPGRADE);
  return asked !== null && chosen !== null && head.upgrade && isOffered(chosen, asked);
}
