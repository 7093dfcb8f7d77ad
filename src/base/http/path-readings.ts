/** What a program may make of an ambiguous path. */
export interface PathReading {
  readonly path: string;
  /** Fewest segments that are left on the way, once dot segments are followed; -1 = it climbs above the root. */
  readonly lowest: number;
}

/** What programs take for a slash, in a path in normal form. */
const SLASHES: readonly (RegExp | null)[] = [null, /%2F/g, /\\/g, /\\|%5C/g, /%2F|\\|%5C/g];
const PARAMETERS = /(?:;|%3B)[^/]*/g;
/** Of a reading that follows no dot segments: it climbs nowhere. */
const NO_CLIMB = Number.MAX_SAFE_INTEGER;

/**
 * All readings of a path in normal form, each once: escaped slashes and backslashes are slashes or not, path parameters belong to
 * a segment or not, empty segments count or not, dot segments are followed or not. One reading alone would not do: to a program
 * that leaves escapes alone, `/a/b%2Fc/../../d` is `/d`, and to one that decodes first it is `/a/d`.
 */
export function* pathReadings(path: string): Generator<PathReading> {
  for (const text of variantsOf(path)) {
    yield { path: text, lowest: NO_CLIMB };
    if (/\/\.\.?(?:\/|$)/.test(text)) yield followDots(text);
  }
}

function variantsOf(path: string): ReadonlySet<string> {
  const texts = new Set(SLASHES.map((slash) => (slash === null ? path : path.replaceAll(slash, '/'))));
  for (const text of texts) texts.add(text.replaceAll(PARAMETERS, ''));
  for (const text of texts) texts.add(text.replaceAll(/\/{2,}/g, '/'));
  return texts;
}

/** RFC 3986 5.2.4. */
function followDots(path: string): PathReading {
  const kept: string[] = [];
  let lowest = NO_CLIMB;
  const segments = path.slice(1).split('/');
  for (const segment of segments) {
    if (segment === '..') {
      lowest = Math.min(lowest, kept.length - 1);
      kept.pop();
    } else if (segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  if (last === '.' || last === '..') kept.push('');
  return { path: `/${kept.join('/')}`, lowest };
}
