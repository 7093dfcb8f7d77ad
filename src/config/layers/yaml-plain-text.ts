import { isPlainKey, NOT_PLAIN, resolvePlain } from './yaml-plain-scalar.ts';

/** Control characters but line feeds, what Unicode calls a line break, and byte order marks. */
const UNUSUAL = /(?!\n)[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/u;
const KEY = /(?:(\w[\w.*/-]{0,200})|"([^"\\\n]{1,200})"|'([^'\n]{1,200})'):(?=[ \n])/y;
/** In a flow map a quoted key needs no space behind its colon. */
const FLOW_KEY = /(?:(\w[\w.*/-]{0,200}):(?= )|"([^"\\\n]{1,200})":|'([^'\n]{1,200})':)/y;
const QUOTED = /"([^"\\\n]*)"|'([^'\n]*)'(?!')/y;
const BLOCK_SCALAR = /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=[\w.]))[^\n]*/y;
const FLOW_SCALAR = /(?:[\w/.$~]|-(?=\d))(?:[^\n,[\]{}:#'"?&*!|>%@`]|:(?=[\w/]))*/y;
const REST_OF_LINE = /(?: *| +#[^\n]*)\n/y;

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const HASH = 0x23;

/** A key and where it begins. */
interface PlainKey {
  readonly name: string;
  readonly offset: number;
}

/**
 * A place that moves over a text and takes tokens of YAML in their everyday form. A method that finds anything else answers
 * null or {@link NOT_PLAIN} and leaves the place anywhere.
 */
export class PlainText {
  readonly text: string;
  offset = 0;
  /** Of the content that the place stands at when a line was begun by {@link beginLine}; -1 = the text is at its end. */
  column = -1;

  private constructor(text: string) {
    this.text = text;
  }

  /** Null for a text with characters that need a closer look. */
  static of(text: string): PlainText | null {
    return UNUSUAL.test(text) ? null : new PlainText(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Goes to the next content from the beginning of a line, over empty lines and comments. */
  beginLine(): void {
    const { text } = this;
    for (let start = this.offset; start < text.length; start = text.indexOf('\n', start) + 1) {
      let at = start;
      while (text.charCodeAt(at) === SPACE) at++;
      const code = text.charCodeAt(at);
      if (code === LINE_FEED || code === HASH) continue;
      this.offset = at;
      this.column = at - start;
      return;
    }
    this.offset = text.length;
    this.column = -1;
  }

  /** Goes behind the end of a line that holds nothing more but a comment. */
  endLine(): boolean {
    return this.match(REST_OF_LINE) !== null;
  }

  isAt(token: string): boolean {
    return this.text.startsWith(token, this.offset);
  }

  take(token: string): boolean {
    const isThere = this.isAt(token);
    if (isThere) this.offset += token.length;
    return isThere;
  }

  skipSpaces(): void {
    while (this.text.charCodeAt(this.offset) === SPACE) this.offset++;
  }

  /** Goes over what may stand between the parts of `{…}` and `[…]`. */
  skipBetween(hasManyLines: boolean): void {
    this.skipSpaces();
    if (!hasManyLines) return;
    while (this.take('\n')) this.skipSpaces();
  }

  columnOf(offset: number): number {
    return offset - (this.text.lastIndexOf('\n', offset) + 1);
  }

  isAtKey(): boolean {
    KEY.lastIndex = this.offset;
    return KEY.test(this.text);
  }

  key(): PlainKey | null {
    return this.keyBy(KEY);
  }

  flowKey(): PlainKey | null {
    return this.keyBy(FLOW_KEY);
  }

  /** A scalar up to the end of its line. */
  blockScalar(): unknown {
    const quoted = this.quoted();
    if (quoted !== null) return quoted;
    const [written] = this.match(BLOCK_SCALAR) ?? [''];
    const comment = written.indexOf(' #');
    if (comment >= 0) this.offset -= written.length - comment;
    const scalar = (comment < 0 ? written : written.slice(0, comment)).replace(/ +$/, '');
    return scalar.includes(': ') || scalar.endsWith(':') ? NOT_PLAIN : resolvePlain(scalar);
  }

  /** A scalar inside brackets. */
  flowScalar(): unknown {
    const quoted = this.quoted();
    if (quoted !== null) return quoted;
    const [written] = this.match(FLOW_SCALAR) ?? [''];
    return resolvePlain(written.replace(/ +$/, ''));
  }

  private quoted(): string | null {
    const found = this.match(QUOTED);
    return found === null ? null : (found[1] ?? found[2] ?? '');
  }

  private keyBy(form: RegExp): PlainKey | null {
    const { offset } = this;
    const found = this.match(form);
    if (found === null) return null;
    const [, plain, double, single] = found;
    const isSound = plain === undefined ? (double ?? single) !== '__proto__' : isPlainKey(plain);
    return isSound ? { name: plain ?? double ?? single ?? '', offset } : null;
  }

  private match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.offset;
    const found = form.exec(this.text);
    if (found !== null) this.offset = form.lastIndex;
    return found;
  }
}
