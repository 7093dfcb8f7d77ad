import { FIELD_DROPPED, FIELD_NAMES, FIELD_OTHER, fieldIdOfName } from './field-names.ts';

/** Numbers kept per field line: id, start of the line, end of the name, start and end of the value, start of the next line. */
export const SPAN = 6;

/**
 * Field lines in arrival order and case, kept as one latin1 text plus number spans: a line that nobody asks for never becomes
 * a string of its own, and a writer copies runs of kept lines in one slice. Lines are dropped in place; new lines are added
 * behind, already serialised.
 */
export class FieldList {
  /** The text that the spans index. */
  text = '';
  /** {@link SPAN} numbers per line. */
  readonly spans: number[] = [];
  /** Number of lines, dropped ones included. */
  count = 0;
  /** Lines added later, each `Name: value\r\n`. */
  added = '';

  /** Empties the list for reuse. */
  clear(): void {
    this.text = '';
    this.count = 0;
    this.added = '';
  }

  /** Appends a line's spans; offsets are into `text`, which the parser sets once the whole head is there. */
  push(id: number, lineStart: number, nameEnd: number, valueStart: number, valueEnd: number, lineEnd: number): void {
    const at = this.count * SPAN;
    const spans = this.spans;
    spans[at] = id;
    spans[at + 1] = lineStart;
    spans[at + 2] = nameEnd;
    spans[at + 3] = valueStart;
    spans[at + 4] = valueEnd;
    spans[at + 5] = lineEnd;
    this.count++;
  }

  /** Id of line `index`. */
  idAt(index: number): number {
    return this.spans[index * SPAN] as number;
  }

  /** Name of line `index` as received. */
  nameAt(index: number): string {
    const at = index * SPAN;
    return this.text.slice(this.spans[at + 1], this.spans[at + 2]);
  }

  /** Value of line `index` without surrounding whitespace. */
  valueAt(index: number): string {
    const at = index * SPAN;
    return this.text.slice(this.spans[at + 3], this.spans[at + 4]);
  }

  /** Takes line `index` out. */
  dropAt(index: number): void {
    this.spans[index * SPAN] = FIELD_DROPPED;
  }

  /** Index of the first line with a known id at or after `from`, or -1. */
  indexOf(id: number, from = 0): number {
    const spans = this.spans;
    const end = this.count * SPAN;
    for (let at = from * SPAN; at < end; at += SPAN) if (spans[at] === id) return at / SPAN;
    return -1;
  }

  /** Value of the first received line with a known id, or null. */
  first(id: number): string | null {
    const index = this.indexOf(id);
    return index < 0 ? null : this.valueAt(index);
  }

  /** All values of a known id joined by `, ` (RFC 9110 5.3), or null. */
  joined(id: number): string | null {
    let result: string | null = null;
    for (let i = this.indexOf(id); i >= 0; i = this.indexOf(id, i + 1)) {
      result = result === null ? this.valueAt(i) : `${result}, ${this.valueAt(i)}`;
    }
    return result;
  }

  /** All values of a name that has no id, given in lower case, joined by `, `, or null. */
  joinedOther(lowerName: string): string | null {
    let result: string | null = null;
    for (let i = this.indexOfOther(lowerName, 0); i >= 0; i = this.indexOfOther(lowerName, i + 1)) {
      result = result === null ? this.valueAt(i) : `${result}, ${this.valueAt(i)}`;
    }
    return result;
  }

  /** Value of the first received line with this name in any case, or null. */
  get(name: string): string | null {
    const id = fieldIdOfName(name);
    return id === FIELD_OTHER ? this.firstOther(name.toLowerCase()) : this.first(id);
  }

  /** Value of the first received line of a name that has no id, given in lower case, or null. */
  firstOther(lowerName: string): string | null {
    const index = this.indexOfOther(lowerName, 0);
    return index < 0 ? null : this.valueAt(index);
  }

  /** Drops every received line with this name in any case. */
  remove(name: string): void {
    const id = fieldIdOfName(name);
    if (id === FIELD_OTHER) this.removeOther(name.toLowerCase());
    else this.removeId(id);
  }

  /** Drops every received line with a known id. */
  removeId(id: number): void {
    for (let i = this.indexOf(id); i >= 0; i = this.indexOf(id, i + 1)) this.dropAt(i);
  }

  /** Adds a line behind all others. Name and value must be valid already: they come from code or checked configuration. */
  add(name: string, value: string): void {
    this.added += `${name}: ${value}\r\n`;
  }

  /** Lower-case name and value of every line that is left, added ones included; for implementations that need them apart. */
  *entries(): Generator<[string, string]> {
    for (let i = 0; i < this.count; i++) {
      const id = this.idAt(i);
      if (id === FIELD_DROPPED) continue;
      yield [id === FIELD_OTHER ? this.nameAt(i).toLowerCase() : (FIELD_NAMES[id] as string), this.valueAt(i)];
    }
    for (const line of this.added.split('\r\n')) {
      const colon = line.indexOf(': ');
      if (colon > 0) yield [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    }
  }

  /** Drops every received line of a name that has no id, given in lower case. */
  removeOther(lowerName: string): void {
    for (let i = this.indexOfOther(lowerName, 0); i >= 0; i = this.indexOfOther(lowerName, i + 1)) this.dropAt(i);
  }

  private indexOfOther(lowerName: string, from: number): number {
    for (let i = from; i < this.count; i++) {
      if (this.idAt(i) === FIELD_OTHER && this.nameAt(i).toLowerCase() === lowerName) return i;
    }
    return -1;
  }
}
