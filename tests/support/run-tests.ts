/** Runs the tests of the current folder; the last line printed is `N passed, N failed, N skipped`. See `npm test`. */
import { globSync } from 'node:fs';
import { sep } from 'node:path';
import { parseArgs } from 'node:util';
import { killRunningFiles, runTestFile } from './run-tests-file.ts';
import type { FileResult, FileRunOptions } from './run-tests-file.ts';
import { countOutcomes, formatFile, formatSkipped, formatSummary } from './run-tests-summary.ts';

const DEFAULT_FILE_TIMEOUT_MS = 120_000;

interface Phase {
  readonly pattern: string;
  readonly except: string | null;
  readonly concurrency: number;
}

/** System tests that kill, hang, stop or replace whole programs under load: others beside them would be taken for what they look for. */
const LONE = 'tests/system/{npm-start,start-stop,unix-socket,upgrade*,websocket*,worker-*}.test.ts';

/** In this order; what disturbs each other runs alone. */
const PHASES: readonly Phase[] = [
  { pattern: '{src,scripts,benchmarks}/**/*.test.ts', except: null, concurrency: 2 },
  { pattern: 'tests/**/*.test.ts', except: LONE, concurrency: 2 },
  { pattern: LONE, except: null, concurrency: 1 },
];

interface Selection {
  readonly filters: readonly string[];
  readonly shard: { readonly index: number; readonly count: number } | null;
  readonly namePattern: string | null;
}

function parseSelection(args: readonly string[]): Selection | string {
  const options = { shard: { type: 'string' }, name: { type: 'string' } } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    return `${(error as Error).message}; allowed: parts of file names, --name PATTERN, --shard INDEX/COUNT`;
  }
  const { shard, name } = parsed.values;
  const [, index = '1', count = '1'] = /^(\d+)\/(\d+)$/.exec(shard ?? '1/1') ?? [null, '0', '0'];
  if (Number(index) < 1 || Number(index) > Number(count)) return `--shard ${shard}: INDEX/COUNT expected, as in 1/2`;
  return {
    filters: parsed.positionals,
    shard: { index: Number(index), count: Number(count) },
    namePattern: name ?? null,
  };
}

function findFiles({ filters, shard }: Selection): string[][] {
  let position = 0;
  const isSelected = (file: string): boolean => {
    if (filters.length > 0 && !filters.some((filter) => file.includes(filter.replace(/^\.\//, '')))) return false;
    return shard === null || position++ % shard.count === shard.index - 1;
  };
  return PHASES.map(({ pattern, except }) =>
    globSync(pattern, { exclude: ['**/node_modules/**', ...(except === null ? [] : [except])] })
      .map((file) => file.split(sep).join('/'))
      .toSorted()
      .filter(isSelected),
  );
}

async function runPhase(files: readonly string[], concurrency: number, options: FileRunOptions): Promise<FileResult[]> {
  const results: FileResult[] = [];
  const queue = files.values();
  const takeNext = async (): Promise<void> => {
    // One shared iterator: each lane takes the next file that no lane has taken.
    for (const file of queue) {
      const result = await runTestFile(file, options);
      process.stdout.write(formatFile(result));
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, takeNext));
  return results;
}

async function runAll(selection: Selection): Promise<number> {
  const timeoutMs = Number(process.env['TEST_FILE_TIMEOUT_MS'] ?? DEFAULT_FILE_TIMEOUT_MS);
  const results: FileResult[] = [];
  for (const [index, files] of findFiles(selection).entries()) {
    const concurrency = PHASES[index]?.concurrency ?? 1;
    results.push(...(await runPhase(files, concurrency, { timeoutMs, namePattern: selection.namePattern })));
  }
  const isMissingFailure = process.env['CI'] === 'true';
  const counts = countOutcomes(results, isMissingFailure);
  process.stdout.write(formatSkipped(results, isMissingFailure));
  if (counts.passed + counts.failed === 0) process.stdout.write('no test was run\n');
  process.stdout.write(`${formatSummary(counts)}\n`);
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => {
    killRunningFiles();
    process.exit(status);
  });
}

const selection = parseSelection(process.argv.slice(2));
if (typeof selection === 'string') {
  process.stderr.write(`run-tests: ${selection}\n`);
  process.exitCode = 1;
} else {
  process.exitCode = await runAll(selection);
}
