import type { Socket } from 'node:net';
import { holdBytes } from './buffered-bytes.ts';
import { endAfterDefect, enterFence, fenced, leaveFence, markDirty } from './fence.ts';
import { JOIN_BYTES, Pieces } from './pieces.ts';
import { SHARED } from './read-buffer.ts';
import { CUT_SHORT, KEEP_ALIVE_DELAY_MS, READ_BYTES, type Wire, type WireOwner } from './wire.ts';

const NEVER = (): boolean => false;

/** The wire over the public stream API: for TLS, and for runtimes without the fast one. Same contract, one suite for both. */
export class StreamWire implements Wire {
  owner: WireOwner;
  readonly peerAddress: string;
  closed = false;
  bytesWritten = 0;
  bytesRead = 0;
  private readonly socket: Socket;
  private readonly pieces: Pieces = new Pieces();
  private dirty = false;
  private ending = false;
  private blocked = false;

  /**
   * @param socket connected, with no data read from it
   * @param isCutShort asked at the end of what the other side sends: whether it may be less than was sent
   */
  constructor(socket: Socket, owner: WireOwner, isCutShort: () => boolean = NEVER) {
    this.owner = owner;
    this.socket = socket;
    this.peerAddress = socket.remoteAddress ?? '';
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('end', () => fenced(() => this.ended(isCutShort())));
    socket.on('error', (error: NodeJS.ErrnoException) => fenced(() => this.fail(error.code ?? 'EUNKNOWN')));
    socket.on('close', () => fenced(() => this.fail(null)));
    socket.resume();
  }

  get pendingBytes(): number {
    return this.pieces.length + this.socket.writableLength;
  }

  writeText(text: string): void {
    this.pieces.addText(text);
    this.mark();
  }

  writeBytes(bytes: Buffer, start: number, end: number): void {
    if (end - start <= JOIN_BYTES) this.pieces.addText(bytes.latin1Slice(start, end));
    else this.pieces.addBytes(Buffer.copyBytesFrom(bytes, start, end - start));
    this.mark();
  }

  writeOwned(bytes: Buffer): void {
    this.pieces.addBytes(bytes);
    this.mark();
  }

  flush(): void {
    this.dirty = false;
    if (this.closed || this.pieces.length === 0) return;
    const { length } = this.pieces;
    this.bytesWritten += length;
    let held = 0;
    this.send(this.pieces.takeAll(), (error) => {
      holdBytes(-held);
      if (error === null || error === undefined) fenced(() => this.drained());
    });
    if (this.socket.writableLength === 0) return;
    held = length;
    holdBytes(held);
    if (this.blocked) return;
    this.blocked = true;
    this.owner.wireBlocked();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    if (!this.closed) this.socket.resume();
  }

  expectBulk(): void {
    return;
  }

  keepAlive(): void {
    this.socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  }

  end(): void {
    if (this.closed || this.ending) return;
    this.ending = true;
    this.flush();
    this.socket.end();
  }

  destroy(): void {
    if (this.release()) this.socket.destroy();
  }

  reset(): void {
    if (!this.release()) return;
    // A unix socket knows no reset, and has no address. A TLS connection needs none: what ends without its closing alert is cut.
    if (this.peerAddress === '' || 'encrypted' in this.socket) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  private ended(isCutShort: boolean): void {
    if (this.closed) return;
    if (isCutShort) this.fail(CUT_SHORT);
    else this.owner.wireEnd();
  }

  private read(chunk: Buffer): void {
    this.bytesRead += chunk.length;
    enterFence();
    try {
      for (let at = 0; at < chunk.length && !this.closed; at += READ_BYTES) {
        const length = chunk.copy(SHARED.bytes, 0, at, Math.min(chunk.length, at + READ_BYTES));
        this.owner.wireData(SHARED.bytes, 0, length);
      }
    } catch (error) {
      endAfterDefect(this, error);
    } finally {
      leaveFence();
    }
  }

  /** @param taken called when the last piece was taken, or cannot be any more */
  private send(pieces: readonly (string | Buffer)[], taken: (error?: Error | null) => void): void {
    const { socket } = this;
    if (pieces.length > 1) socket.cork();
    for (const [i, piece] of pieces.entries()) {
      const done = i === pieces.length - 1 ? taken : undefined;
      if (typeof piece === 'string') socket.write(piece, 'latin1', done);
      else socket.write(piece, done);
    }
    if (pieces.length > 1) socket.uncork();
  }

  private drained(): void {
    // The stream's own 'drain' comes only above its high-water mark; what is blocked here may be less.
    if (!this.blocked || this.closed || this.pendingBytes > 0) return;
    this.blocked = false;
    this.owner.wireDrained();
  }

  private fail(code: string | null): void {
    if (!this.release()) return;
    this.socket.destroy();
    this.owner.wireClosed(code);
  }

  private mark(): void {
    if (this.dirty || this.closed) return;
    this.dirty = true;
    markDirty(this);
  }

  private release(): boolean {
    if (this.closed) return false;
    this.closed = true;
    this.pieces.clear();
    return true;
  }
}
