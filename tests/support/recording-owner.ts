import type { WireOwner } from '../../src/dataplane/wire/wire.ts';

/** Keeps everything that happens on a wire, in order; data is copied, as it is lent for the call only. */
export class RecordingOwner implements WireOwner {
  /** Names of the events, data apart: `end`, `blocked`, `drained`, `closed CODE`, `defect`. */
  readonly events: string[] = [];
  readonly pieces: Buffer[] = [];
  /** Runs in every data event, after the piece was kept. */
  onData: ((bytes: Buffer, start: number, end: number) => void) | null = null;

  /** All bytes received. */
  get received(): Buffer {
    return Buffer.concat(this.pieces);
  }

  /** Bytes received. */
  get length(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** How often an event came. */
  count(event: string): number {
    return this.events.filter((name) => name === event).length;
  }

  wireData(bytes: Buffer, start: number, end: number): void {
    this.pieces.push(Buffer.copyBytesFrom(bytes, start, end - start));
    this.onData?.(bytes, start, end);
  }

  wireEnd(): void {
    this.events.push('end');
  }

  wireBlocked(): void {
    this.events.push('blocked');
  }

  wireDrained(): void {
    this.events.push('drained');
  }

  wireClosed(code: string | null): void {
    this.events.push(`closed ${code}`);
  }

  wireDefect(): void {
    this.events.push('defect');
  }
}
