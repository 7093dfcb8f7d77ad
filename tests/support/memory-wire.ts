import type { Wire, WireOwner } from '../../src/dataplane/wire/wire.ts';

/** Bytes around a delivered piece that no reader may look at: they would complete a head if a reader did. */
const JUNK = Buffer.from('\r\n\r\nGET /beyond-the-end HTTP/1.1\r\nHost: beyond\r\n\r\n', 'latin1');
const LONGEST_PIECE = 262_144;

/**
 * A wire without a socket: what is written is kept, what a test delivers reaches the owner inside the call. Every piece lies
 * somewhere in one shared memory and is overwritten when the call returns, as real reads are: an owner that keeps a range
 * instead of copying it is found out.
 */
export class MemoryWire implements Wire {
  owner: WireOwner;
  readonly peerAddress: string;
  readonly pendingBytes = 0;
  bytesWritten = 0;
  bytesRead = 0;
  closed = false;
  /** The connection was reset, not closed in order. */
  wasReset = false;
  /** The sending side was closed. */
  ended = false;
  paused = false;
  /** Everything written, latin1. */
  text = '';
  private readonly memory: Buffer;

  constructor(owner: WireOwner, peerAddress = '192.0.2.1') {
    this.owner = owner;
    this.peerAddress = peerAddress;
    this.memory = sharedMemory;
  }

  /** Delivers one read; `offset` is where in the read memory it lies. */
  deliver(piece: Buffer, offset = 0): void {
    if (this.closed || piece.length === 0) return;
    const end = offset + piece.length;
    piece.copy(this.memory, offset);
    JUNK.copy(this.memory, end);
    this.bytesRead += piece.length;
    this.owner.wireData(this.memory, offset, end);
    this.memory.fill(0xaa, offset, end);
  }

  /** The other side closes its sending side. */
  deliverEnd(): void {
    if (!this.closed) this.owner.wireEnd();
  }

  writeText(text: string): void {
    this.text += text;
    this.bytesWritten += text.length;
  }

  writeBytes(bytes: Buffer, start: number, end: number): void {
    this.writeText(bytes.latin1Slice(start, end));
  }

  writeOwned(bytes: Buffer): void {
    this.writeText(bytes.latin1Slice());
  }

  flush(): void {
    return;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  expectBulk(): void {
    return;
  }

  keepAlive(): void {
    return;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.closed = true;
  }

  reset(): void {
    this.wasReset = true;
    this.closed = true;
  }
}

const sharedMemory = Buffer.alloc(LONGEST_PIECE + JUNK.length);
