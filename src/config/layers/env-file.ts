import type { ConfigProblem } from '../problem.ts';
import { layerOfVariables } from './env-layer.ts';
import type { EnvVariable } from './env-layer.ts';
import type { Layer } from './layer.ts';

/** Layer of an env-file; `path` is how it is called in messages. */
export function envFileLayer(path: string, text: string): Layer {
  const parsed = parseEnvFile(text);
  const variables: EnvVariable[] = parsed.assignments.map(({ name, value, line }) => ({
    name,
    value,
    origin: { layer: 'env-file', text: `${path}:${line} ${name}` },
  }));
  const layer = layerOfVariables(lastOfEachName(variables), path);
  const problems = parsed.problems.map(({ line, message }): ConfigProblem => ({
    severity: 'error',
    key: 'env_file',
    origin: `${path}:${line}`,
    message,
  }));
  return { entries: layer.entries, problems: [...problems, ...layer.problems] };
}

/** One `NAME=value` of an env-file. */
interface EnvAssignment {
  readonly name: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/** A line of an env-file that could not be read. */
interface EnvFileProblem {
  readonly line: number;
  readonly message: string;
}

const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=[ \t]*/;
const SKIPPED = /^[ \t]*(?:[#;].*)?$/;

/**
 * Reads `NAME=value` lines as systemd, Docker and shells agree on them: blank lines and lines beginning with `#` or
 * `;` are skipped, `export` is allowed, a value in single quotes is literal, one in double quotes knows `\" \\ \$
 * \n`, and both may go over several lines. Nothing is expanded, and a `#` inside a line belongs to the value.
 */
export function parseEnvFile(text: string): { assignments: EnvAssignment[]; problems: EnvFileProblem[] } {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const assignments: EnvAssignment[] = [];
  const problems: EnvFileProblem[] = [];
  for (let index = 0; index < lines.length; index++) {
    const written = lines[index] as string;
    const line = index + 1;
    if (SKIPPED.test(written)) continue;
    const match = ASSIGNMENT.exec(written);
    if (match === null) {
      problems.push({ line, message: 'is not NAME=value' });
      continue;
    }
    const value = readValue(written.slice(match[0].length), lines, index);
    if ('problem' in value) problems.push({ line, message: value.problem });
    else assignments.push({ name: match[1] as string, value: value.text, line });
    index += value.extraLines;
  }
  return { assignments, problems };
}

type ReadValue =
  | { readonly text: string; readonly extraLines: number }
  | { readonly problem: string; readonly extraLines: number };

const CLOSED = { "'": /^'([^']*)'/, '"': /^"((?:[^"\\]|\\.)*)"/s } as const;

/** A quoted value that is not closed on its line takes lines until it is. */
function readValue(first: string, lines: readonly string[], index: number): ReadValue {
  const quote = first[0];
  if (quote !== '"' && quote !== "'") return { text: first.trim(), extraLines: 0 };
  const rest = CLOSED[quote].test(first) ? first : [first, ...lines.slice(index + 1)].join('\n');
  const match = CLOSED[quote].exec(rest);
  if (match === null) return { problem: 'has a quote that is never closed', extraLines: 0 };
  const value = match[1] as string;
  const extraLines = value.split('\n').length - 1;
  const behind = rest.slice(match[0].length).split('\n', 1)[0] as string;
  if (behind.trim() !== '') return { problem: 'has text after the closing quote', extraLines };
  return { text: quote === '"' ? unescape(value) : value, extraLines };
}

function unescape(text: string): string {
  return text.replaceAll(/\\(["\\$`n])/g, (_, char: string) => (char === 'n' ? '\n' : char));
}

/** In an env-file, as in a shell, a later line overrides an earlier one. */
function lastOfEachName(variables: readonly EnvVariable[]): EnvVariable[] {
  return [...new Map(variables.map((variable) => [variable.name, variable])).values()];
}
