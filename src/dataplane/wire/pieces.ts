/** Bytes up to this length are joined to the text around them: one string in one system call beats a gathered write. */
export const JOIN_BYTES = 8_192;

/** What a wire has to write, in order: text and bytes alternate, neighbouring texts are one. */
export class Pieces {
  /** Text behind the last bytes piece, or all there is. */
  text = '';
  /** Earlier pieces; null while there is only text, the common case. */
  earlier: (string | Buffer)[] | null = null;
  /** Bytes queued in all. */
  length = 0;

  /** Appends latin1 text. */
  addText(text: string): void {
    this.text = this.text === '' ? text : this.text + text;
    this.length += text.length;
  }

  /** Appends bytes that stay valid until they are written. */
  addBytes(bytes: Buffer): void {
    const list = (this.earlier ??= []);
    if (this.text !== '') {
      list.push(this.text);
      this.text = '';
    }
    list.push(bytes);
    this.length += bytes.length;
  }

  /** Takes everything out as one list. */
  takeAll(): (string | Buffer)[] {
    const list = this.earlier ?? [];
    if (this.text !== '') list.push(this.text);
    this.clear();
    return list;
  }

  /** Forgets everything. */
  clear(): void {
    this.text = '';
    this.earlier = null;
    this.length = 0;
  }
}
