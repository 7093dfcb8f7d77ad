/** How the end of a body is told. */
export type Framing = 'none' | 'length' | 'chunked' | 'close';

/** A message as an independent, strict reader understands it. */
export interface Message {
  /** Request line or status line. */
  readonly start: string;
  /** Field lines as `Name: value`, white space around the value removed, in order. */
  readonly fields: readonly string[];
  readonly framing: Framing;
  body: string;
  readonly trailers: string[];
  /** Whether the end that the framing promises was seen. */
  complete: boolean;
}

/** Values of all fields of a name, in order. */
export function fieldValues(message: Message, name: string): string[] {
  const prefix = `${name.toLowerCase()}: `;
  return message.fields
    .filter((line) => line.toLowerCase().startsWith(prefix))
    .map((line) => line.slice(prefix.length));
}

/** The status of an answer. */
export function statusOf(message: Message): number {
  return Number(message.start.slice(9, 12));
}

const REQUEST_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [!-~]+ HTTP\/1\.[01]$/;
const STATUS_LINE = /^HTTP\/1\.1 [1-9][0-9]{2} [\t -~\x80-\xff]*$/;
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;
// eslint-disable-next-line no-control-regex -- these bytes are what is looked for
const FORBIDDEN = /[\0-\x08\x0a-\x1f\x7f]/;

/** Reads a head without its empty line; throws on anything that RFC 9112 does not allow a sender to write. */
export function readHead(text: string, kind: 'request' | 'response'): { start: string; fields: string[] } {
  const [start = '', ...lines] = text.split('\r\n');
  if (!(kind === 'request' ? REQUEST_LINE : STATUS_LINE).test(start)) throw new Error(`bad start line ${quote(start)}`);
  return { start, fields: lines.map(readFieldLine) };
}

/** Reads one field line to `Name: value`; throws when it is malformed. */
export function readFieldLine(line: string): string {
  const [, name, value = ''] = FIELD_LINE.exec(line) ?? [];
  if (name === undefined || FORBIDDEN.test(line.replaceAll('\t', ' ')))
    throw new Error(`bad field line ${quote(line)}`);
  return `${name}: ${value}`;
}

/** A text as it can be shown on one line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 150)}…(${text.length})…${text.slice(-100)}` : text);
}
