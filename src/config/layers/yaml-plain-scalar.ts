/** A scalar that needs the library to be read as it is meant. */
export const NOT_PLAIN: unique symbol = Symbol('not plain');

/** Words that are no text in the core schema (YAML 1.2.2, 10.3.2), and what they are. */
const WORDS: ReadonlyMap<string, null | boolean> = new Map([
  ...['~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);
const LONGEST_WORD = 5;
/** Numbers whose value is beyond doubt; all others are the library's. */
const SIMPLE_NUMBER = /^(?:0|-?[1-9]\d{0,14}|(?:0|-?[1-9]\d{0,5})\.\d{1,6})$/;
/** Everything that is a number in the core schema. */
const NUMBER =
  /^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|0o[0-7]+|0x[\da-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** What an unquoted scalar stands for by the core schema, or {@link NOT_PLAIN}. */
export function resolvePlain(text: string): unknown {
  if (text === '') return NOT_PLAIN;
  const word = text.length <= LONGEST_WORD ? WORDS.get(text) : undefined;
  if (word !== undefined) return word;
  if (!NUMBER.test(text)) return text;
  return SIMPLE_NUMBER.test(text) ? Number(text) : NOT_PLAIN;
}

/** Whether an unquoted key is text, or a number that looks the same as text. */
export function isPlainKey(text: string): boolean {
  const value = resolvePlain(text);
  return (typeof value === 'string' || (typeof value === 'number' && String(value) === text)) && text !== '__proto__';
}
