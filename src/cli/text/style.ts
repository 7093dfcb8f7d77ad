import { styleText } from 'node:util';

/** The meanings that have a look of their own. */
export type Tone = 'good' | 'bad' | 'warning' | 'note' | 'faint' | 'title';

/** Gives a text the look of a meaning; leaves it alone where colours are not wanted. */
export type Style = (tone: Tone, text: string) => string;

const FORMATS = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  note: 'cyan',
  faint: 'dim',
  title: 'bold',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** No colours at all. */
export const plainStyle: Style = (_tone, text) => text;

/** Colours, without asking anybody. */
export const colourStyle: Style = (tone, text) => styleText(FORMATS[tone], text, { validateStream: false });

/**
 * Colours only on a terminal and without NO_COLOR (https://no-color.org: any value that is not empty). FORCE_COLOR asks for them
 * in a pipe, too (https://force-color.org: any value that is not empty); `0` and `false`, which Node knows, forbid them.
 */
export function styleFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  if ((env['NO_COLOR'] ?? '') !== '') return plainStyle;
  const forced = env['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced === '0' || forced === 'false' ? plainStyle : colourStyle;
  return stream.isTTY === true && env['TERM'] !== 'dumb' ? colourStyle : plainStyle;
}
