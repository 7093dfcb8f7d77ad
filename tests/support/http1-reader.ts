import { fieldValues, type Framing, type Message, quote, readFieldLine, readHead, statusOf } from './http1-message.ts';

/** What a reader needs to know besides the bytes. */
export interface ReaderOptions {
  readonly kind: 'request' | 'response';
  /** Whether the n-th final answer is one to HEAD; answers only. */
  readonly isHead?: (index: number) => boolean;
}

/**
 * Reads all messages of one connection, piece by piece. It is a second opinion: it shares no code with the product, accepts only
 * what RFC 9112 lets a sender write, and stops at the first violation, which it keeps in `violation`.
 */
export class MessageReader {
  readonly messages: Message[] = [];
  /** Bytes that belong to no message: what followed a 101, or a violation. */
  rest = '';
  /** The first thing that a sender must not write, or null. */
  violation: string | null = null;
  /** true after a 101: all further bytes are `rest`. */
  tunnel = false;
  private readonly options: ReaderOptions;
  private buffer = '';
  private current: { readonly message: Message; left: number } | null = null;
  private finals = 0;

  constructor(options: ReaderOptions) {
    this.options = options;
  }

  /** Takes the next bytes, as latin1 text. */
  push(text: string): void {
    if (this.tunnel || this.violation !== null) {
      this.rest += text;
      return;
    }
    this.buffer += text;
    try {
      while (!this.tunnel && (this.current === null ? this.readMessageHead() : this.readBody()));
    } catch (error) {
      this.violation = error instanceof Error ? error.message : String(error);
    }
    if (this.tunnel || this.violation !== null) this.takeRest();
  }

  /** The sender closed its side; `clean` is false for a reset. */
  end(clean: boolean): void {
    if (this.current?.message.framing === 'close' && clean) this.current.message.complete = true;
    this.takeRest();
  }

  /** Whether no message is under way and no byte is left over. */
  get atBoundary(): boolean {
    return this.current === null && this.buffer === '' && this.violation === null;
  }

  /** Treats all bytes from here on as those of a tunnel. */
  startTunnel(): void {
    this.tunnel = true;
    this.takeRest();
  }

  private takeRest(): void {
    this.rest += this.buffer;
    this.buffer = '';
  }

  private readMessageHead(): boolean {
    const end = this.buffer.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = readHead(this.buffer.slice(0, end), this.options.kind);
    this.buffer = this.buffer.slice(end + 4);
    const message: Message = { ...head, framing: 'none', body: '', trailers: [], complete: false };
    const { framing, length } = this.framingOf(message);
    const framed: Message = { ...message, framing };
    this.messages.push(framed);
    this.current = { message: framed, left: length };
    return this.tunnel ? this.finish(framed) : true;
  }

  private framingOf(message: Message): { framing: Framing; length: number } {
    const lengths = fieldValues(message, 'content-length');
    const codings = fieldValues(message, 'transfer-encoding');
    if (lengths.length + codings.length > 1) throw new Error(`more than one framing field in ${quote(message.start)}`);
    if (this.isBodiless(message)) return { framing: 'none', length: 0 };
    if (codings.length > 0) {
      if (codings[0] !== 'chunked') throw new Error(`transfer coding ${quote(codings[0] ?? '')}`);
      return { framing: 'chunked', length: -1 };
    }
    if (lengths.length === 0) return { framing: this.options.kind === 'request' ? 'none' : 'close', length: 0 };
    if (!/^[0-9]{1,15}$/.test(lengths[0] ?? '')) throw new Error(`content length ${quote(lengths[0] ?? '')}`);
    return { framing: 'length', length: Number(lengths[0]) };
  }

  private isBodiless(message: Message): boolean {
    if (this.options.kind === 'request') return false;
    const status = statusOf(message);
    if (status === 101) this.tunnel = true;
    if (status < 200) return true;
    return this.options.isHead?.(this.finals++) === true || status === 204 || status === 304;
  }

  private readBody(): boolean {
    const { current } = this;
    if (current === null) return false;
    if (current.message.framing === 'chunked') return this.readChunk(current);
    if (current.message.framing === 'close') return this.takeBytes(current, this.buffer.length);
    this.takeBytes(current, Math.min(current.left, this.buffer.length));
    return current.left > 0 ? false : this.finish(current.message);
  }

  /** `left` of a chunked message: -1 = a size line comes, -2 = the trailer section, else bytes of the chunk and its line end. */
  private readChunk(current: { readonly message: Message; left: number }): boolean {
    if (current.left > 2) {
      const count = Math.min(current.left - 2, this.buffer.length);
      return this.takeBytes(current, count);
    }
    const end = this.buffer.indexOf('\r\n');
    if (end < 0) return false;
    const line = this.buffer.slice(0, end);
    this.buffer = this.buffer.slice(end + 2);
    if (current.left === 2) {
      if (line !== '') throw new Error(`chunk data goes on with ${quote(line)}`);
      current.left = -1;
    } else if (current.left === -1) {
      if (!/^[0-9A-Fa-f]{1,12}$/.test(line)) throw new Error(`chunk size ${quote(line)}`);
      current.left = Number.parseInt(line, 16) === 0 ? -2 : Number.parseInt(line, 16) + 2;
    } else if (line === '') {
      return this.finish(current.message);
    } else {
      current.message.trailers.push(readFieldLine(line));
    }
    return true;
  }

  private takeBytes(current: { readonly message: Message; left: number }, count: number): boolean {
    current.message.body += this.buffer.slice(0, count);
    this.buffer = this.buffer.slice(count);
    current.left -= count;
    return count > 0;
  }

  private finish(message: Message): boolean {
    message.complete = true;
    this.current = null;
    return true;
  }
}
