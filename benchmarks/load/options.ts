import { parseArgs } from 'node:util';
import { ROW_NAMES } from './rows.ts';

/** What the command line asks for. */
export interface Options {
  readonly rows: readonly string[];
  readonly peers: readonly string[];
  readonly pairs: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
  /** A command in the place of rwwwrse; `null` = rwwwrse itself. */
  readonly candidate: string | null;
  readonly jsonPath: string | null;
  readonly markdownPath: string | null;
  readonly help: boolean;
}

/** Thrown for a command line that cannot be run. */
export class UsageError extends Error {}

/** The text of `--help`. */
export function describeOptions(peerNames: readonly string[]): string {
  return `npm run bench -- [options]: side-by-side load benchmark, under 8 minutes by default

  --rows LIST       of ${ROW_NAMES.join(',')} (default: all)
  --peers LIST      of ${peerNames.join(',')} (default: all installed)
  --pairs N         pairs with nginx on the 121-byte rows (default 20; half and 2/5 of it on the body rows; fewer with other peers)
  --slice-ms N      length of a slice, 100 to 60000 (default 1000)
  --quick           4 pairs, nginx only, short warm-up: shows that everything runs, its figures mean little
  --candidate CMD   shell command in the place of rwwwrse: listens on 127.0.0.1:$PORT, proxies to $BACKEND
  --json FILE       write all slices and verdicts
  --markdown FILE   write both tables
  --help

Exit status: 0 measured, whatever the verdicts; 1 something failed or a row is invalid; 2 wrong options.`;
}

/** Reads the command line. Throws UsageError with one line that names what is wrong and what is allowed. */
export function parseOptions(argv: readonly string[], peerNames: readonly string[]): Options {
  const values = readValues(argv);
  const quick = values.quick ?? false;
  return {
    rows: readList('--rows', values.rows, ROW_NAMES),
    peers: readList('--peers', values.peers ?? (quick ? 'nginx' : undefined), peerNames),
    pairs: readCount('--pairs', values.pairs ?? (quick ? '4' : '20'), { least: 1, most: 1000 }),
    sliceMs: readCount('--slice-ms', values['slice-ms'] ?? '1000', { least: 100, most: 60_000 }),
    warmUpMs: quick ? 500 : 2000,
    candidate: values.candidate ?? null,
    jsonPath: values.json ?? null,
    markdownPath: values.markdown ?? null,
    help: values.help ?? false,
  };
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const ARGUMENTS = {
  rows: text,
  peers: text,
  pairs: text,
  'slice-ms': text,
  candidate: text,
  json: text,
  markdown: text,
  quick: flag,
  help: flag,
} as const;

function readValues(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: ARGUMENTS }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function readList(option: string, value: string | undefined, known: readonly string[]): readonly string[] {
  if (value === undefined) return known;
  const wanted = value.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`${option}: unknown name "${unknown}"; known: ${known.join(', ')}`);
  return known.filter((name) => wanted.includes(name));
}

function readCount(option: string, value: string, range: { least: number; most: number }): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < range.least || count > range.most) {
    throw new UsageError(`${option}: "${value}" is not a whole number from ${range.least} to ${range.most}`);
  }
  return count;
}
