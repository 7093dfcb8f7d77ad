/** A frame as it was on the wire (RFC 6455 5.2). */
export interface WireFrame {
  readonly first: number;
  readonly opcode: number;
  readonly final: boolean;
  readonly masked: boolean;
  readonly payload: Buffer;
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Reads frames of a stream of bytes, however it is cut. Written apart from the product, so that both are not wrong together. */
export class FrameReader {
  readonly frames: WireFrame[] = [];
  private rest: Buffer = Buffer.alloc(0);

  /** Bytes of a frame that is not complete. */
  get torn(): number {
    return this.rest.length;
  }

  /** Takes the next bytes; returns the frames that are complete now. */
  read(piece: Buffer): WireFrame[] {
    this.rest = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    const found: WireFrame[] = [];
    for (let frame = this.next(); frame !== null; frame = this.next()) found.push(frame);
    this.frames.push(...found);
    return found;
  }

  private next(): WireFrame | null {
    const { rest } = this;
    if (rest.length < 2) return null;
    const [first = 0, second = 0] = rest;
    const masked = second >= 0x80;
    const short = second & 0x7f;
    const lengthAt = 2;
    const keyAt = lengthAt + (short === 126 ? 2 : short === 127 ? 8 : 0);
    const payloadAt = keyAt + (masked ? 4 : 0);
    if (rest.length < payloadAt) return null;
    const length =
      short === 126 ? rest.readUInt16BE(lengthAt) : short === 127 ? Number(rest.readBigUInt64BE(lengthAt)) : short;
    const end = payloadAt + length;
    if (rest.length < end) return null;
    const payload = Buffer.from(rest.subarray(payloadAt, end));
    if (masked)
      for (let i = 0; i < length; i++) payload[i] = (payload[i] as number) ^ (rest[keyAt + (i & 3)] as number);
    this.rest = rest.subarray(end);
    return { first, opcode: first & 0x0f, final: first >= 0x80, masked, payload };
  }
}

/** A frame in bytes; `mask` null = not masked. */
export function frameBytes(first: number, payload: Buffer | string, mask: readonly number[] | null = null): Buffer {
  const body = Buffer.from(payload);
  const bit = mask === null ? 0 : 0x80;
  const { length } = body;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = bit | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  if (mask !== null) for (let i = 0; i < length; i++) body[i] = (body[i] as number) ^ (mask[i & 3] as number);
  return Buffer.concat([header, Buffer.from(mask ?? []), body]);
}

/** The status code of a Close frame, 1005 when it has none (RFC 6455 7.1.5). */
export function closeCodeOf({ payload }: WireFrame): number {
  return payload.length < 2 ? 1005 : payload.readUInt16BE(0);
}
