import type { Wire, WireOwner } from './wire.ts';

/** What a tunnel's wire needs to know of the other end. */
export interface TunnelPeer {
  tunnelData(bytes: Buffer, start: number, end: number): void;
  tunnelEnd(): void;
  tunnelClosed(): void;
  tunnelOver(): void;
  pauseTunnel(): void;
  resumeTunnel(): void;
}

/**
 * One end of a tunnel on a wire: what arrives goes to the peer, what the peer sends is written. Half-closes pass through; when
 * both directions have ended, or one end is gone, both wires close.
 */
export class WireTunnel implements WireOwner, TunnelPeer {
  /** The other end; set before the first event. */
  peer: TunnelPeer | null = null;
  private readonly wire: Wire;
  private readonly closed: () => void;
  private received = false;
  private sent = false;
  private over = false;

  /** Takes the wire over; `closed` is called once when this end is gone. */
  constructor(wire: Wire, closed: () => void) {
    this.wire = wire;
    this.closed = closed;
    wire.owner = this;
    wire.keepAlive();
    // It may have been left over from an answer; a tunnel that is silent is not worth a buffer of its own.
    wire.expectBulk(false);
  }

  wireData(bytes: Buffer, start: number, end: number): void {
    this.peer?.tunnelData(bytes, start, end);
  }

  wireEnd(): void {
    this.received = true;
    this.peer?.tunnelEnd();
    this.closeIfDone();
  }

  wireBlocked(): void {
    this.peer?.pauseTunnel();
  }

  wireDrained(): void {
    this.peer?.resumeTunnel();
    this.closeIfDone();
  }

  wireClosed(): void {
    this.peer?.tunnelClosed();
    this.end();
  }

  wireDefect(): void {
    this.close();
  }

  /** Closes both ends at once. */
  close(): void {
    this.tunnelClosed();
    this.peer?.tunnelClosed();
  }

  tunnelData(bytes: Buffer, start: number, end: number): void {
    this.wire.writeBytes(bytes, start, end);
  }

  tunnelEnd(): void {
    this.sent = true;
    this.wire.end();
    this.closeIfDone();
  }

  tunnelClosed(): void {
    this.wire.destroy();
    this.end();
  }

  tunnelOver(): void {
    return;
  }

  pauseTunnel(): void {
    this.wire.pause();
  }

  resumeTunnel(): void {
    this.wire.resume();
  }

  private closeIfDone(): void {
    if (this.received && this.sent && this.wire.pendingBytes === 0) this.tunnelClosed();
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.closed();
    this.peer?.tunnelOver();
  }
}
