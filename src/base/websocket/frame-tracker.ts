/** Opcodes of RFC 6455 5.2. */
const CONTINUATION = 0x0;
const BINARY = 0x2;
const CLOSE = 0x8;
const PONG = 0xa;

const FINAL = 0x80;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;

/** What the next byte is. */
const AT_FIRST = 0;
const AT_SECOND = 1;
const AT_LENGTH = 2;
const AT_PAYLOAD = 3;

/**
 * Follows the frames of one direction of a WebSocket (RFC 6455 5.2) without touching them: where a frame ends, another one may be
 * put into the stream. Costs a few operations per frame and per piece, not per byte. Must see every byte from the first one on.
 */
export class FrameTracker {
  /** The bytes are not what RFC 6455 allows: where frames end is not known any more, for good. */
  broken = false;
  /** A whole Close frame went by: nothing may follow it. */
  closed = false;
  private readonly masked: boolean;
  private place = AT_FIRST;
  private opcode = 0;
  /** A message has begun and its last frame has not come; control frames may stand between its frames. */
  private fragmented = false;
  private lengthBytes = 0;
  /** Bytes to the end of the frame, the masking key included; while the length is being read, the length so far. */
  private left = 0;

  /** @param masked whether frames of this direction are masked: those of the client are, those of the server never */
  constructor(masked: boolean) {
    this.masked = masked;
  }

  /** Whether the next byte, if there is one, begins a frame. */
  get atBorder(): boolean {
    return this.place === AT_FIRST && !this.broken;
  }

  /** Takes note of `bytes[start, end)`. */
  advance(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end && !this.broken;) at = this.readFrame(bytes, at, end);
  }

  /** Takes note of `bytes[start, end)` up to the end of the frame that runs or begins there; returns where that is, or `end`. */
  advanceToBorder(bytes: Uint8Array, start: number, end: number): number {
    return this.broken ? end : this.readFrame(bytes, start, end);
  }

  private readFrame(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (this.place !== AT_PAYLOAD) {
      if (at === end || this.broken) return end;
      this.readHeaderByte(bytes[at++] as number);
    }
    const taken = Math.min(this.left, end - at);
    this.left -= taken;
    if (this.left === 0) {
      this.place = AT_FIRST;
      if (this.opcode === CLOSE) this.closed = true;
    }
    return at + taken;
  }

  private readHeaderByte(byte: number): void {
    if (this.place === AT_FIRST) {
      this.opcode = byte & OPCODE;
      this.broken = !this.mayBegin((byte & FINAL) !== 0);
      this.place = AT_SECOND;
    } else if (this.place === AT_SECOND) {
      const length = byte & LENGTH;
      this.broken = ((byte & MASKED) !== 0) !== this.masked || (this.opcode >= CLOSE && length >= LENGTH_16);
      this.left = length < LENGTH_16 ? length : 0;
      this.lengthBytes = length < LENGTH_16 ? 0 : length === LENGTH_64 ? 8 : 2;
      this.lengthRead();
    } else {
      this.left = this.left * 0x100 + byte;
      this.lengthBytes--;
      this.lengthRead();
    }
  }

  /** Whether a frame of this kind may stand here (RFC 6455 5.4, 5.5). Reserved bits belong to extensions and say nothing here. */
  private mayBegin(final: boolean): boolean {
    const { opcode } = this;
    if (opcode >= CLOSE) return final && opcode <= PONG;
    if (opcode > BINARY || (opcode === CONTINUATION) !== this.fragmented) return false;
    this.fragmented = !final;
    return true;
  }

  private lengthRead(): void {
    this.place = this.lengthBytes > 0 ? AT_LENGTH : AT_PAYLOAD;
    if (this.lengthBytes > 0) return;
    if (this.left > Number.MAX_SAFE_INTEGER) this.broken = true;
    else if (this.masked) this.left += MASK_BYTES;
  }
}
