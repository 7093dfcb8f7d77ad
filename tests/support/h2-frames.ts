import { connect, type Socket } from 'node:net';

import { until } from './until.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const HEAD_BYTES = 9;

/** Types of frames (RFC 9113 6). */
export const FRAME = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const;
/** Flags of frames; ack is end of stream on SETTINGS. */
const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4 } as const;

/** One frame as it was received. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/**
 * An HTTP/2 client that sends frames as a test wants them, broken ones too, and keeps the frames it gets. It opens its windows
 * wide and answers settings, and knows nothing else of the protocol.
 */
export class FrameClient {
  readonly frames: Frame[] = [];
  closed = false;
  private readonly socket: Socket;
  private rest: Buffer = Buffer.alloc(0);

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.on('data', (piece: Buffer) => this.receive(piece));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => (this.closed = true));
    this.socket.write(PREFACE, 'latin1');
    // SETTINGS_INITIAL_WINDOW_SIZE, so that no answer of a test has to wait.
    this.send(FRAME.settings, 0, 0, Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff]));
    this.send(FRAME.windowUpdate, 0, 0, Buffer.from([0x7f, 0, 0, 0]));
  }

  send(type: number, flags: number, stream: number, payload: Buffer): void {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    this.socket.write(Buffer.concat([head, payload]));
  }

  /** Sends a request head. */
  headers(stream: number, fields: readonly (readonly [string, string])[], endStream: boolean): void {
    const flags = FLAG.endHeaders | (endStream ? FLAG.endStream : 0);
    this.send(FRAME.headers, flags, stream, Buffer.concat(fields.map(([name, value]) => literal(name, value))));
  }

  data(stream: number, text: string, endStream: boolean): void {
    this.send(FRAME.data, endStream ? FLAG.endStream : 0, stream, Buffer.from(text, 'latin1'));
  }

  reset(stream: number, code: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(code);
    this.send(FRAME.rstStream, 0, stream, payload);
  }

  /** Frames of a stream, in order. */
  of(stream: number): readonly Frame[] {
    return this.frames.filter((frame) => frame.stream === stream);
  }

  /** Body of a stream's answer so far. */
  bodyOf(stream: number): string {
    return Buffer.concat(
      this.of(stream).flatMap(({ type, payload }) => (type === FRAME.data ? [payload] : [])),
    ).toString();
  }

  /** Whether a stream's answer is whole. */
  hasEnded(stream: number): boolean {
    return this.of(stream).some(({ type, flags }) => type <= FRAME.headers && (flags & FLAG.endStream) !== 0);
  }

  /** Code of the reset that the server sent for a stream, or null. */
  resetCodeOf(stream: number): number | null {
    return (
      this.of(stream)
        .find(({ type }) => type === FRAME.rstStream)
        ?.payload.readUInt32BE(0) ?? null
    );
  }

  async untilOver(stream: number): Promise<void> {
    await until(
      `the end of stream ${stream}`,
      () => this.hasEnded(stream) || this.resetCodeOf(stream) !== null || this.closed,
    );
  }

  destroy(): void {
    this.socket.destroy();
  }

  private receive(piece: Buffer): void {
    this.rest = Buffer.concat([this.rest, piece]);
    while (this.rest.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + this.rest.readUIntBE(0, 3);
      if (this.rest.length < end) return;
      const payload = this.rest.subarray(HEAD_BYTES, end);
      const frame = { type: this.rest[3] ?? 0, flags: this.rest[4] ?? 0, stream: this.rest.readUInt32BE(5), payload };
      this.rest = this.rest.subarray(end);
      this.frames.push(frame);
      if (frame.type === FRAME.settings && (frame.flags & FLAG.ack) === 0)
        this.send(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0));
    }
  }
}

/** Fields of a plain request. */
export function requestFields(method: string, path: string, authority = 'h2.test'): (readonly [string, string])[] {
  return [
    [':method', method],
    [':scheme', 'http'],
    [':authority', authority],
    [':path', path],
  ];
}

/** A literal field without indexing, new name (RFC 7541 6.2.2), no Huffman. */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), stringOf(name), stringOf(value)]);
}

function stringOf(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits (RFC 7541 5.1). */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}
