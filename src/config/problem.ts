/** How bad a problem is: an `error` refuses the configuration, a `warning` and a `notice` are told and it goes on. */
export type ProblemSeverity = 'error' | 'warning' | 'notice';

/** One finding about the configuration. No field holds a secret: values are quoted by {@link quoteValue} only. */
export interface ConfigProblem {
  readonly severity: ProblemSeverity;
  /** The canonical key (`log.level`), or the variable's name where no key is meant. */
  readonly key: string;
  /** Where it was written: a variable, `file:line:column`, a flag, `environment`, `default`. */
  readonly origin: string;
  /** What is wrong, without key and origin; begins in lower case or with the quoted value. */
  readonly message: string;
  /** What is allowed instead. */
  readonly allowed?: string;
  /** The known name or value that is nearest to the wrong one. */
  readonly didYouMean?: string;
}

/**
 * One line for a terminal or a log: `error: log.level (RWWWRSE_LOG_LEVEL): "loud" is not …; allowed: …; did you mean
 * …?`. The origin is left out when it is the key.
 */
export function formatProblem(problem: ConfigProblem): string {
  const allowed = problem.allowed === undefined ? '' : `; allowed: ${problem.allowed}`;
  const hint = problem.didYouMean === undefined ? '' : `; did you mean ${problem.didYouMean}?`;
  const origin = problem.origin === problem.key ? '' : ` (${problem.origin})`;
  return onOneLine(`${problem.severity}: ${problem.key}${origin}: ${problem.message}${allowed}${hint}`);
}

/** Names of keys and files can hold line breaks and control codes of terminals. */
function onOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const SHOWN_CHARACTERS = 80;
const USERINFO = /((?:[a-z][a-z0-9+.-]*:)?\/\/)?[^\s"']*@/gi;
/** Of a URL whatever it is, elsewhere what looks like a parameter: an expression has question marks of its own. */
const QUERY = /(:\/\/[^\s"'?#]*[?#]|[\w/.:-][?#](?=[\w.~%-]+=))[^\s"']+/g;

/**
 * A value as it may stand in a message: in quotes, on one line, at most 80 characters, and with everything before an
 * `@` masked, since that is where URLs carry passwords, and what follows the `?` or `#` of one, where they carry tokens. Lists and maps are only named: any part of them may be a
 * secret.
 */
export function quoteValue(value: unknown): string {
  if (typeof value === 'string') {
    const masked = maskUrls(value);
    return JSON.stringify(masked.length > SHOWN_CHARACTERS ? `${masked.slice(0, SHOWN_CHARACTERS)}…` : masked);
  }
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : 'a map';
}

/**
 * What stands where a map should be. Text is named only: a forgotten blank makes text of `password:x`, and that of a whole block if it is
 * the only line.
 */
export function quoteNoMap(value: unknown): string {
  return typeof value === 'string' ? 'text' : quoteValue(value);
}

/**
 * A path as it may stand in a message; empty for what looks like no path and has no ending either: people write a secret where its
 * file should be named.
 */
export function quotePath(path: string): string {
  return /^\.{0,2}\/|^[\w./-]+\.[a-z]{2,4}$/.test(path) ? JSON.stringify(path) : '';
}

/** Replaces user and password, query and fragment of every URL in a text by `***`. */
function maskUrls(text: string): string {
  return text.replace(USERINFO, '$1***@').replace(QUERY, '$1***');
}

/** A path as people write it: `listeners`, 0, `port` is `listeners[0].port`. */
export function keyText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('');
}
