import type { FrameTracker } from '../../../base/websocket/frame-tracker.ts';
import type { TunnelSide } from '../../exchange/downstream.ts';

/** The tunnel that a flow is half of. */
export interface FlowOwner {
  /** Bytes came out of one side. */
  flowMoved(flow: TunnelFlow, bytes: number): void;
  /** One side sent its Close frame or its last byte, or is gone; may be told more than once. */
  flowEnded(flow: TunnelFlow): void;
  /** A Close frame of ours went out. */
  flowClosed(flow: TunnelFlow): void;
  /** One side's connection is closed. */
  flowOver(): void;
}

/** One direction of a tunnel: what one side sends goes to the other as it is, until a Close frame is put behind it. */
export class TunnelFlow implements TunnelSide {
  /** Bytes that were passed on. */
  bytes = 0;
  /** Where everything goes; set before the first event. */
  target: TunnelSide | null = null;
  private readonly owner: FlowOwner;
  /** Null where the bytes are not those of a WebSocket. */
  private readonly frames: FrameTracker | null;
  /** Waits for a border between frames. */
  private closeFrame: Buffer | null = null;
  /** Nothing is passed on any more. */
  private silent = false;

  constructor(owner: FlowOwner, frames: FrameTracker | null) {
    this.owner = owner;
    this.frames = frames;
  }

  /** A Close frame went by, ours or that of the side that sends: no other may follow (RFC 6455 5.5.1). */
  get isClosed(): boolean {
    return this.silent || (this.frames?.closed ?? true);
  }

  /** Puts a Close frame into the stream at the next border between frames, which may be now, unless there was one. */
  closeWith(frame: Buffer): void {
    if (this.isClosed) return;
    this.closeFrame = frame;
    this.closeAtBorder();
  }

  /** Ends the receiving side's input now, with a Close frame before it where that is allowed. */
  finish(frame: Buffer | null): void {
    if (frame !== null) this.closeWith(frame);
    this.silent = true;
    this.target?.tunnelEnd();
  }

  tunnelData(bytes: Buffer, start: number, end: number): void {
    if (this.silent) return;
    this.owner.flowMoved(this, end - start);
    const { frames, target } = this;
    if (frames === null || this.closeFrame === null) {
      frames?.advance(bytes, start, end);
      this.bytes += end - start;
      target?.tunnelData(bytes, start, end);
      if (frames?.closed === true) this.owner.flowEnded(this);
      return;
    }
    const border = frames.advanceToBorder(bytes, start, end);
    this.bytes += border - start;
    target?.tunnelData(bytes, start, border);
    this.closeAtBorder();
  }

  tunnelEnd(): void {
    this.owner.flowEnded(this);
    this.silent = true;
    this.target?.tunnelEnd();
  }

  tunnelClosed(): void {
    this.owner.flowEnded(this);
    this.silent = true;
    this.target?.tunnelClosed();
  }

  tunnelOver(): void {
    this.owner.flowOver();
  }

  pauseTunnel(): void {
    this.target?.pauseTunnel();
  }

  resumeTunnel(): void {
    this.target?.resumeTunnel();
  }

  private closeAtBorder(): void {
    const { frames, closeFrame: frame } = this;
    if (frame === null || frames === null || !frames.atBorder) return;
    this.closeFrame = null;
    // The frame that ended here was the sender's own Close.
    if (frames.closed) return;
    this.silent = true;
    this.target?.tunnelData(frame, 0, frame.length);
    this.owner.flowClosed(this);
  }
}
