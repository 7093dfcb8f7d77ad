import { Timer, type TimerOwner, type TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { Wire, WireOwner } from '../../wire/wire.ts';

/** Longest wait for the client's FIN. */
const LINGER_MS = 2_000;
/** Most bytes thrown away while waiting. */
const LINGER_BYTES = 1_048_576;

/**
 * Closes a connection so that its last answer arrives: our side ends first, what the client still sends is thrown away, and
 * the socket closes when the client does, or when it took too long. Closing at once with unread bytes makes the kernel send a
 * reset, which can destroy the answer on its way (RFC 9112 9.6).
 */
export class LingeringClose implements WireOwner, TimerOwner {
  private readonly wire: Wire;
  private readonly wheel: TimerWheel;
  private readonly timer: Timer = new Timer(this);
  private readonly over: () => void;
  private discarded = 0;
  private peerEnded = false;

  /** Takes the wire over; `over` is called once when it is closed. */
  constructor(wire: Wire, wheel: TimerWheel, over: () => void) {
    this.wire = wire;
    this.wheel = wheel;
    this.over = over;
    wire.owner = this;
    wheel.arm(this.timer, LINGER_MS, 0);
    wire.resume();
    wire.end();
  }

  wireData(_bytes: Buffer, start: number, end: number): void {
    this.discarded += end - start;
    if (this.discarded > LINGER_BYTES) this.close();
  }

  wireEnd(): void {
    this.peerEnded = true;
    if (this.wire.pendingBytes === 0) this.close();
  }

  wireDrained(): void {
    if (this.peerEnded) this.close();
  }

  wireBlocked(): void {
    return;
  }

  wireClosed(): void {
    this.close();
  }

  wireDefect(): void {
    this.close();
  }

  timerExpired(): void {
    this.close();
  }

  /** Closes now. */
  close(): void {
    this.wheel.remove(this.timer);
    this.wire.destroy();
    this.over();
  }
}
