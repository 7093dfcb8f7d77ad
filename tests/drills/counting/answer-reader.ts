/** What a client has to know of an answer. */
export interface ReadAnswer {
  readonly status: number;
  readonly closes: boolean;
}

/** Reads answers with a Content-Length or without a body, one after the other; quick rather than strict. */
export class AnswerReader {
  /** Bytes that are not taken yet, latin1. */
  rest = '';

  /** The next whole answer, or null. Informational answers are skipped. */
  take(isHead: boolean): ReadAnswer | null {
    for (;;) {
      const headEnd = this.rest.indexOf('\r\n\r\n');
      if (headEnd < 0) return null;
      const head = this.rest.slice(0, headEnd);
      const status = Number(head.slice(9, 12));
      const hasBody = !isHead && status >= 200 && status !== 204 && status !== 304;
      const length = hasBody ? Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0) : 0;
      const end = headEnd + 4 + length;
      if (this.rest.length < end) return null;
      this.rest = this.rest.slice(end);
      if (status >= 200) return { status, closes: /\r\nconnection: close/i.test(head) };
    }
  }
}
