import { isTestFile } from './paths.ts';
import { lineAt } from './source-text.ts';
import type { SourceFile } from './source-text.ts';

interface WordRule {
  readonly word: RegExp;
  /** Whether the rule holds for a file. */
  readonly appliesTo: (path: string) => boolean;
  readonly reason: string;
}

/**
 * Calls of `…Sync` in src/dataplane that are allowed, as `path#name`: each blocks every connection of a worker while it runs,
 * so it may only happen before the worker serves.
 */
const ALLOWED_SYNC_CALLS: ReadonlySet<string> = new Set([]);

const RULES: readonly WordRule[] = [
  {
    word: /\b(?:SharedArrayBuffer|Atomics)\b/g,
    appliesTo: (path) => isIn(path, ['src/']) && !isIn(path, ['src/shared-memory/']),
    reason: 'only src/shared-memory may name it',
  },
  {
    word: /\b[a-z]\w*Sync\b/g,
    appliesTo: (path) => isIn(path, ['src/dataplane/']),
    reason: 'a native call that blocks stops every connection of the worker',
  },
  {
    word: /\bprocess\s*(?:\?\.|\.)\s*env\b|\benv\b[^;=}]*\}\s*(?:=\s*process\b|from\s*(?=['"]))/g,
    appliesTo: (path) => isIn(path, ['src/']) && !isIn(path, ['src/config/', 'src/cli/main.ts']),
    reason: 'only src/config and src/cli/main.ts read the environment',
  },
  {
    word: /\bprocess\s*(?:\?\.|\.)\s*binding\b/g,
    appliesTo: (path) => !isIn(path, ['src/dataplane/wire/']),
    reason: 'only src/dataplane/wire touches the raw sockets',
  },
];

/** One line for each word used where it may not be; comments, strings and tests do not count. */
export function findForbiddenWords(file: SourceFile): string[] {
  if (isTestFile(file.path)) return [];
  return RULES.filter((rule) => rule.appliesTo(file.path)).flatMap((rule) =>
    Array.from(file.code.matchAll(rule.word))
      .filter(([word]) => !ALLOWED_SYNC_CALLS.has(`${file.path}#${word}`))
      .filter((match) => !isEnvOfOtherModule(match, file.text))
      .map((match) => `${file.path}:${lineAt(file.text, match.index)}: ${match[0].split(/\s/)[0]}: ${rule.reason}`),
  );
}

function isIn(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path.startsWith(prefix));
}

/** `import { env } from` any module but node:process names something else. */
function isEnvOfOtherModule(match: RegExpExecArray, text: string): boolean {
  if (!/from\s*$/.test(match[0])) return false;
  return !/^['"](?:node:)?process['"]/.test(text.slice(match.index + match[0].length));
}
