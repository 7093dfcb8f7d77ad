import type { FieldList } from './field-list.ts';
import { SPAN } from './field-list.ts';
import { FIELD_ID } from './field-names.ts';

const COOKIE = FIELD_ID.cookie;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

/**
 * Value of the first cookie with this name (RFC 6265 5.4; names are compared as they are, case counts), or null. The value is
 * what stands between `=` and the next `;` without surrounding blanks; quotes are part of it.
 */
export function cookieValue(fields: FieldList, name: string): string | null {
  for (let i = fields.indexOf(COOKIE); i >= 0; i = fields.indexOf(COOKIE, i + 1)) {
    const line = fields.valueAt(i);
    const at = findPair(line, name, 0);
    if (at >= 0) return pairValue(line, name, at);
  }
  return null;
}

/**
 * Takes every cookie with this name out of the request and leaves the others as they came; a `Cookie` line that has no other is
 * dropped. `taken` gets the values in order.
 */
export function takeCookies(fields: FieldList, name: string, taken: (value: string) => void): void {
  for (let i = fields.indexOf(COOKIE); i >= 0; i = fields.indexOf(COOKIE, i + 1)) {
    const line = fields.valueAt(i);
    const first = findPair(line, name, 0);
    if (first < 0) continue;
    const rest = withoutPairs(line, name, first, taken);
    if (rest === '') fields.dropAt(i);
    else replaceValue(fields, i, rest);
  }
}

/** The line without the pairs called `name`, in one pass: a line may hold thousands of them. */
function withoutPairs(line: string, name: string, first: number, taken: (value: string) => void): string {
  let rest = '';
  let copied = 0;
  for (let at = first; at >= 0; at = findPair(line, name, copied)) {
    taken(pairValue(line, name, at));
    rest += line.slice(copied, at);
    copied = skipBlanks(line, pairEnd(line, at) + 1);
  }
  if (copied < line.length) return rest + line.slice(copied);
  let end = rest.length;
  while (end > 0 && (isBlank(rest, end - 1) || rest.charCodeAt(end - 1) === SEMICOLON)) end--;
  return rest.slice(0, end);
}

/** Offset of the first pair called `name` at or behind the pair border `from`, or -1. */
function findPair(line: string, name: string, from: number): number {
  for (let at = skipBlanks(line, from); at < line.length;) {
    if (line.charCodeAt(at + name.length) === EQUALS && line.startsWith(name, at)) return at;
    const end = line.indexOf(';', at);
    if (end < 0) return -1;
    at = skipBlanks(line, end + 1);
  }
  return -1;
}

function pairValue(line: string, name: string, at: number): string {
  const start = skipBlanks(line, at + name.length + 1);
  let end = pairEnd(line, at);
  while (end > start && isBlank(line, end - 1)) end--;
  return line.slice(start, end);
}

function pairEnd(line: string, at: number): number {
  const end = line.indexOf(';', at);
  return end < 0 ? line.length : end;
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (isBlank(line, at)) at++;
  return at;
}

function isBlank(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}

/** Puts a value in the place of another; the lines behind it move, so that runs of lines stay one slice of the text. */
function replaceValue(fields: FieldList, index: number, value: string): void {
  const { spans, text } = fields;
  const at = index * SPAN;
  const start = spans[at + 3] as number;
  const end = spans[at + 4] as number;
  const shift = value.length - (end - start);
  fields.text = text.slice(0, start) + value + text.slice(end);
  for (let i = at + 4; i < fields.count * SPAN; i++) if (i % SPAN !== 0) spans[i] = (spans[i] as number) + shift;
}
