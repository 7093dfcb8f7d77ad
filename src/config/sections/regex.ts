import { quoteValue } from '../problem.ts';
import { refuse } from './field.ts';
import type { FieldResult } from './field.ts';

const MAX_REGEX_LENGTH = 256;
/** `a*a*a*b` on 1,000 characters takes seconds, with two it takes a millisecond. */
const MAX_OPEN_REPETITIONS = 2;
/** A quantifier that can repeat, at the place where it stands. */
const REPETITION = /^(?:[*+]|\{\d+(?:,\d*)?\})/;
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;

/**
 * The source of a regular expression that clients' text is matched against. Refused: what does not compile with the flag
 * `u`, more than 256 characters, and a repeated group that itself repeats or branches, such as `(a+)+` or `(a|ab)*`: a
 * client can make such a pattern run for years with thirty bytes. (Slow patterns of other kinds pass.)
 */
export function parseRegex(source: string): FieldResult<string> {
  if (source.length > MAX_REGEX_LENGTH)
    return refuse('is a long regular expression', { allowed: `at most ${MAX_REGEX_LENGTH} characters` });
  try {
    new RegExp(`^(?:${source})$`, 'u');
    // An unbalanced source such as `a)(b` would only compile inside the group around it.
    new RegExp(source, 'u');
  } catch {
    return refuse(`${quoteValue(source)} is not a regular expression`, { allowed: 'JavaScript, with the flag u' });
  }
  if (openRepetitions(source) > MAX_OPEN_REPETITIONS)
    return refuse(
      `${quoteValue(source)} has more than ${MAX_OPEN_REPETITIONS} repetitions without an end, which can take long`,
      {
        allowed: `at most ${MAX_OPEN_REPETITIONS} of *, + and {n,}; write {0,20} and the like for others`,
      },
    );
  if (!hasNestedRepetition(source)) return { value: source };
  return refuse(`${quoteValue(source)} repeats a group that itself repeats or branches, which can take very long`, {
    allowed: 'repetitions of single characters and classes, such as [a-z0-9]+',
  });
}

/** How often something may repeat without an end; each one multiplies the time by the length of the text. */
function openRepetitions(source: string): number {
  return Array.from(source.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/g, 'x').matchAll(/[*+]|\{\d+,\}/g)).length;
}

function hasNestedRepetition(source: string): boolean {
  const groups: { isRisky: boolean }[] = [{ isRisky: false }];
  let inClass = false;
  for (let index = 0; index < source.length; index++) {
    const char = source[index];
    if (char === '\\') index++;
    else if (inClass) inClass = char !== ']';
    else if (char === '[') inClass = true;
    else if (char === '(') {
      groups.push({ isRisky: false });
      if (source[index + 1] === '?') index++;
    } else if (char === ')') {
      const closed = groups.pop();
      const rest = source.slice(index + 1);
      if (closed?.isRisky === true && REPETITION.test(rest)) return true;
      if (closed?.isRisky === true || QUANTIFIER.test(rest)) markRisky(groups);
    } else if (char === '|' || QUANTIFIER.test(source.slice(index))) markRisky(groups);
  }
  return false;
}

function markRisky(groups: { isRisky: boolean }[]): void {
  const open = groups.at(-1);
  if (open !== undefined) open.isRisky = true;
}
