import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { holdBytes } from './buffered-bytes.ts';
import { endAfterDefect, enterFence, leaveFence, markDirty, reportDefect } from './fence.ts';
import { JOIN_BYTES, Pieces } from './pieces.ts';
import { attachReadBuffer, detachReadBuffer, type ReadBuffer, SHARED, unpin } from './read-buffer.ts';
import { STREAM_BINDING, type StreamBinding, type StreamHandle, type WriteRequest } from './stream-binding.ts';
import { KEEP_ALIVE_DELAY_MS, type Wire, type WireOwner } from './wire.ts';

const UV_EOF = -4095;
const { WriteWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = STREAM_BINDING as StreamBinding;

/** The bulk buffer whose content is being handled right now, so that a write can tell lent bulk bytes from others. */
let current: ReadBuffer | null = null;
/** A request object that no write uses. */
let spareRequest: WriteRequest | null = null;

/**
 * The fast wire: reads into a shared buffer and writes straight through the socket's native handle. The socket object itself
 * only opens and closes the connection. Exists only where {@link STREAM_BINDING} does.
 */
export class HandleWire implements Wire {
  owner: WireOwner;
  readonly peerAddress: string;
  closed = false;
  bytesWritten = 0;
  bytesRead = 0;
  private readonly socket: Socket;
  private readonly handle: StreamHandle;
  private readonly pieces: Pieces = new Pieces();
  private dirty = false;
  private inFlight = 0;
  private buffer: ReadBuffer = SHARED;
  private bulk = false;
  private ending = false;
  private reading = false;

  /** @param socket connected, paused, with no data read from it */
  constructor(socket: Socket, handle: StreamHandle, owner: WireOwner) {
    this.owner = owner;
    this.socket = socket;
    this.handle = handle;
    this.peerAddress = socket.remoteAddress ?? '';
    handle.useUserBuffer(SHARED.window);
    handle.onread = onRead;
    handle.wire = this;
    Reflect.set(socket, WIRE, this);
    socket.on('error', onSocketError);
    this.resume();
  }

  get pendingBytes(): number {
    return this.inFlight === 0 ? this.pieces.length : this.pieces.length + this.handle.writeQueueSize;
  }

  writeText(text: string): void {
    this.pieces.addText(text);
    this.mark();
  }

  writeBytes(bytes: Buffer, start: number, end: number): void {
    if (end - start <= JOIN_BYTES) {
      this.pieces.addText(bytes.latin1Slice(start, end));
    } else if (current !== null && current.bytes === bytes) {
      this.pieces.addBytes(bytes.subarray(start, end));
    } else {
      this.pieces.addBytes(Buffer.copyBytesFrom(bytes, start, end - start));
    }
    this.mark();
  }

  writeOwned(bytes: Buffer): void {
    this.pieces.addBytes(bytes);
    this.mark();
  }

  flush(): void {
    this.dirty = false;
    if (this.closed || this.pieces.length === 0) return;
    const length = this.pieces.length;
    const request = spareRequest ?? new WriteWrap();
    spareRequest = null;
    let failure: number;
    let pieces: (string | Buffer)[] | null = null;
    if (this.pieces.earlier === null) {
      failure = this.handle.writeLatin1String(request, this.pieces.text);
      this.pieces.clear();
    } else {
      pieces = this.pieces.takeAll();
      failure = writePieces(this.handle, request, pieces);
    }
    this.bytesWritten += length;
    if (failure !== 0) this.fail(failure);
    else if (streamBaseState[kLastWriteWasAsync] === 0) spareRequest = request;
    else this.await(request, pieces, length);
  }

  pause(): void {
    if (!this.reading) return;
    this.reading = false;
    if (!this.closed) this.handle.readStop();
  }

  resume(): void {
    if (this.reading || this.closed) return;
    this.reading = true;
    const failure = this.handle.readStart();
    if (failure !== 0) this.fail(failure);
  }

  expectBulk(bulk: boolean): void {
    this.bulk = bulk;
  }

  keepAlive(): void {
    this.socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  }

  end(): void {
    if (this.closed || this.ending) return;
    this.ending = true;
    this.flush();
    if (!this.closed) this.socket.end();
  }

  destroy(): void {
    if (!this.release()) return;
    this.socket.destroy();
  }

  reset(): void {
    if (!this.release()) return;
    // A unix socket knows no reset, and has no address.
    if (this.peerAddress === '') this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  /** Handles one read; returns the buffer for the next one. */
  read(): Buffer | undefined {
    const length = streamBaseState[kReadBytesOrError] as number;
    if (length < 0) {
      if (length === UV_EOF) this.owner.wireEnd();
      else this.fail(length);
      return undefined;
    }
    if (length === 0) return undefined;
    this.bytesRead += length;
    current = this.buffer === SHARED ? null : this.buffer;
    this.owner.wireData(this.buffer.bytes, 0, length);
    return undefined;
  }

  /** Chooses the buffer of the next read; undefined = the same. Runs after the flush, when it is known what is pinned. */
  nextBuffer(): Buffer | undefined {
    const before = this.buffer;
    if (this.closed || (before === SHARED && !this.bulk) || (before !== SHARED && this.bulk && before.pins === 0))
      return undefined;
    if (before !== SHARED) detachReadBuffer(before);
    this.buffer = this.bulk ? attachReadBuffer() : SHARED;
    return this.buffer.window;
  }

  /** A write that the kernel did not take at once is over. */
  written(status: number, length: number): void {
    this.inFlight -= length;
    if (this.closed) return;
    if (status < 0) this.fail(status);
    else if (this.inFlight === 0 && this.pieces.length === 0) this.owner.wireDrained();
  }

  /** The connection failed: closes it and tells the owner. */
  fail(status: number): void {
    if (!this.release()) return;
    this.socket.destroy();
    this.owner.wireClosed(getSystemErrorName(status));
  }

  private mark(): void {
    if (this.dirty || this.closed) return;
    this.dirty = true;
    markDirty(this);
  }

  private await(request: WriteRequest, pieces: (string | Buffer)[] | null, length: number): void {
    this.inFlight += length;
    request.pieces = pieces;
    request.wire = this;
    const pinned = pieces === null ? null : pin(pieces);
    if (pinned === null) holdBytes(length);
    request.oncomplete = function onComplete(this: WriteRequest, status: number): void {
      enterFence();
      try {
        this.pieces = null;
        if (pinned === null) holdBytes(-length);
        else unpin(pinned);
        (this.wire as HandleWire).written(status, length);
      } catch (error) {
        reportDefect(error);
      } finally {
        leaveFence();
      }
    };
    this.owner.wireBlocked();
  }

  private release(): boolean {
    if (this.closed) return false;
    this.closed = true;
    this.reading = false;
    this.pieces.clear();
    this.handle.onread = onReadIgnored;
    if (this.buffer !== SHARED && this.buffer !== current) detachReadBuffer(this.buffer);
    return true;
  }
}

const WIRE = Symbol('wire');

function writePieces(handle: StreamHandle, request: WriteRequest, pieces: (string | Buffer)[]): number {
  if (pieces.length === 1) return handle.writeBuffer(request, pieces[0] as Buffer);
  const pairs: unknown[] = [];
  for (const piece of pieces) pairs.push(piece, typeof piece === 'string' ? 'latin1' : 'buffer');
  return handle.writev(request, pairs, false);
}

/** Pins the bulk buffer that the pieces point into, if any. */
function pin(pieces: readonly (string | Buffer)[]): ReadBuffer | null {
  const buffer = current;
  if (buffer === null) return null;
  const memory = buffer.bytes.buffer;
  if (!pieces.some((piece) => typeof piece !== 'string' && piece.buffer === memory)) return null;
  buffer.pins++;
  return buffer;
}

function onRead(this: StreamHandle): Buffer | undefined {
  const wire = this.wire as HandleWire;
  enterFence();
  try {
    wire.read();
  } catch (error) {
    endAfterDefect(wire, error);
  } finally {
    leaveFence();
  }
  const read = current;
  current = null;
  if (read !== null && wire.closed) detachReadBuffer(read);
  return wire.nextBuffer();
}

function onReadIgnored(this: StreamHandle): undefined {
  return undefined;
}

function onSocketError(this: Socket, error: NodeJS.ErrnoException): void {
  const wire = Reflect.get(this, WIRE) as HandleWire;
  if (wire.closed) return;
  enterFence();
  try {
    wire.fail(error.errno ?? -104);
  } finally {
    leaveFence();
  }
}
