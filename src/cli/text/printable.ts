// C0 and C1 controls, DEL, line and paragraph separators, and what turns the direction of text.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from a configuration or from the network as it may stand in one line of a terminal: control characters, which could move
 * the cursor or change the title, become escapes such as `\n` and `\u001b`.
 */
export function lineText(text: string): string {
  return text.replaceAll(UNPRINTABLE, (found) => NAMED.get(found) ?? escaped(found));
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
]);

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The text, cut to this many characters with a `…` for the rest. */
export function shortText(text: string, characters: number): string {
  const all = Array.from(text);
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`;
}
