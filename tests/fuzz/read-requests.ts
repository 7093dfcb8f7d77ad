import type { FieldList } from '../../src/base/http/field-list.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, type BodyFraming } from '../../src/base/http1/framing.ts';
import type { RequestHead } from '../../src/base/http1/request-head.ts';
import { RequestHeadParser } from '../../src/base/http1/request-head-parser.ts';
import { TimerWheel } from '../../src/base/time/timer-wheel.ts';
import type { Exchange, ExchangeEntry, ExchangeOrigin } from '../../src/dataplane/exchange/exchange.ts';
import type { ConnectionContext } from '../../src/dataplane/listener/connection-context.ts';
import { Http1Connection } from '../../src/dataplane/listener/http1/connection.ts';
import { sendReply } from '../../src/dataplane/pipeline/send-reply.ts';
import { MemoryWire } from '../support/memory-wire.ts';
import { FUZZ_LISTENER } from './listener-settings.ts';
import { emptyMessage, type Framing, type ParsedMessage, type Reading } from './parsed-message.ts';

/** A reading with where each head began, counted from the first byte of the last piece. */
export interface OwnReading extends Reading {
  readonly headOffsets: number[];
}

const FRAMINGS: Readonly<Record<BodyFraming, Framing>> = {
  [BODY_NONE]: 'none',
  [BODY_LENGTH]: 'length',
  [BODY_CHUNKED]: 'chunked',
  3: 'until-close',
};
const ORIGIN: ExchangeOrigin = {
  traits: { settings: FUZZ_LISTENER, port: 8080, isTrusted: () => false },
  peerAddress: '192.0.2.1',
  ends: {},
  peerTrusted: false,
  scheme: 'http',
  forwardedFields: 'X-Request-ID: ',
};

/** Tells where a head began, which only a caller of the parser knows. */
class RecordingParser extends RequestHeadParser {
  headAt = 0;

  override parse(bytes: Buffer, start: number, end: number, head: RequestHead): number {
    const stop = super.parse(bytes, start, end, head);
    if (stop > 0) this.headAt = start;
    return stop;
  }
}

const parser = new RecordingParser(FUZZ_LISTENER.limits);
const wheel = new TimerWheel(0);

/** Takes every request whole and answers it with an empty 200 then. */
class Recorder implements ExchangeEntry {
  readonly reading: OwnReading = { messages: [], refused: null, headOffsets: [] };
  private readonly late: boolean;
  private waiting: (() => void) | null = null;

  constructor(late: boolean) {
    this.late = late;
  }

  begin(exchange: Exchange): void {
    const message = messageOf(exchange.head);
    this.reading.messages.push(message);
    this.reading.headOffsets.push(parser.headAt);
    const finish = (trailers: FieldList | null): void => {
      message.complete = true;
      message.trailers = linesOf(trailers);
      sendReply(exchange, { status: 200, fields: '', body: '' }, false);
    };
    const bodyData = (bytes: Buffer, start: number, end: number): void => {
      message.body += bytes.latin1Slice(start, end);
    };
    this.waiting = (): void => {
      if (exchange.body === null) finish(null);
      else exchange.body.attach({ bodyData, bodyEnd: finish });
    };
    if (!this.late) this.take();
  }

  /** Takes the body of the request that waits for it, as a backend does when its connection is there. */
  take(): void {
    for (let { waiting } = this; waiting !== null; { waiting } = this) {
      this.waiting = null;
      waiting();
    }
  }

  refuse(exchange: Exchange, code: string): void {
    this.abort(exchange, code);
  }

  abort(exchange: Exchange, code: string): void {
    this.take();
    this.reading.refused ??= code;
    exchange.downstream.cut();
  }

  left(exchange: Exchange): void {
    this.abort(exchange, 'client_abort_request');
  }

  finish(exchange: Exchange): void {
    exchange.finished = true;
  }
}

/**
 * Reads a connection's bytes as the proxy does: the real client connection over a wire in memory, one read per piece. Bodies of
 * a connection that comes in pieces are taken late, behind the piece, so that what came before must have been kept.
 */
export function readRequests(pieces: readonly Buffer[]): OwnReading {
  const recorder = new Recorder(pieces.length > 1);
  const context: ConnectionContext = {
    settings: FUZZ_LISTENER,
    parser,
    wheel,
    entry: recorder,
    draining: false,
    closed: () => undefined,
  };
  const connection = new Http1Connection((owner) => new MemoryWire(owner), context, ORIGIN, -1);
  const wire = connection.wire as MemoryWire;
  for (const piece of pieces) {
    wire.deliver(piece);
    recorder.take();
  }
  wire.deliverEnd();
  connection.destroy();
  return recorder.reading;
}

function messageOf(head: RequestHead): ParsedMessage {
  const message = emptyMessage();
  message.method = head.method;
  message.target = rawTarget(head);
  message.minorVersion = head.minorVersion;
  message.fields = linesOf(head.fields);
  message.framing = FRAMINGS[head.framing];
  message.persistent = head.persistent;
  return message;
}

/** The target as received: the parser brings the absolute form to the origin form, which the request line still shows. */
function rawTarget(head: RequestHead): string {
  const line = head.fields.text.slice(0, head.fields.text.indexOf('\r\n'));
  const target = line.slice(line.indexOf(' ') + 1, line.lastIndexOf(' '));
  if (!target.endsWith(head.target) && !['/', '*'].includes(head.target) && !target.endsWith(head.target.slice(1))) {
    throw new Error(`target ${target} was rewritten to ${head.target}`);
  }
  return target;
}

/** Name and value of every received line. */
export function linesOf(list: FieldList | null): [string, string][] {
  if (list === null) return [];
  return Array.from({ length: list.count }, (_, i) => [list.nameAt(i), list.valueAt(i)]);
}
