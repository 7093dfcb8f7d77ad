import { writeFileSync } from 'node:fs';
import { startBackend } from './backend/backend.ts';
import { judgeIdleRow, judgeLoadRow } from './bars.ts';
import type { Bar } from './bars.ts';
import { describeError } from './bench.ts';
import type { Bench } from './bench.ts';
import { measureIdleRow } from './idle-row.ts';
import type { IdleResult } from './idle-row.ts';
import { measureLoadRow } from './load-row.ts';
import type { LoadResult } from './load-row.ts';
import { chooseCores, isInstalled, pinSelf, raiseDescriptorLimit } from './machine.ts';
import { describeOptions, parseOptions, UsageError } from './options.ts';
import type { Options } from './options.ts';
import type { Peer } from './peer.ts';
import { PEERS } from './peers/catalogue.ts';
import { createCandidate, rwwwrse } from './peers/rwwwrse/peer.ts';
import { buildFigures, buildVerdicts } from './report.ts';
import type { RunResult } from './report.ts';
import { IDLE_ROW, LOAD_ROWS } from './rows.ts';
import { describeSurroundings } from './surroundings.ts';
import { formatMarkdown, formatText } from './text-table.ts';
import { Workspace } from './workspace.ts';

/** Without these nothing can be measured. */
const TOOLS: readonly (readonly [program: string, where: string])[] = [
  ['wrk', 'Debian package wrk'],
  ['nginx', 'the backend; Debian package nginx-light'],
  ['taskset', 'Debian package util-linux'],
];
const WANTED_DESCRIPTORS = 32_768;
const EXIT_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

/** Runs what the options ask for and prints the tables; answers with the exit status. */
async function run(options: Options): Promise<number> {
  const workspace = new Workspace();
  process.once('exit', () => workspace.closeNow());
  for (const [signal, status] of Object.entries(EXIT_SIGNALS)) process.once(signal, () => process.exit(status));
  try {
    const bench = await prepare(options, workspace);
    const surroundings = describeSurroundings(bench);
    const result = await measure(bench, options.rows);
    const bars = [
      ...result.loadRows.flatMap(judgeLoadRow),
      ...(result.idleRow === null ? [] : [judgeIdleRow(result.idleRow)]),
    ];
    publish(options, surroundings, result, bars);
    return bars.some((bar) => bar.verdict === 'invalid') ? 1 : 0;
  } finally {
    await workspace.close();
  }
}

async function prepare(options: Options, workspace: Workspace): Promise<Bench> {
  const missing = TOOLS.filter(([program]) => !isInstalled(program)).map(([program, where]) => `${program} (${where})`);
  if (missing.length > 0) throw new Error(`needed and not installed: ${missing.join(', ')}`);
  const candidate = options.candidate === null ? rwwwrse : createCandidate(options.candidate);
  const absent = candidate.findMissing();
  if (absent !== null) throw new Error(`nothing to measure: ${absent} is missing`);
  const cores = chooseCores();
  pinSelf(cores.load);
  const descriptorLimit = raiseDescriptorLimit(WANTED_DESCRIPTORS);
  const { pairs, sliceMs, warmUpMs } = options;
  const backend = await startBackend(workspace, cores.load);
  const peers = PEERS.filter((peer) => options.peers.includes(peer.name) && isPresent(peer));
  return { workspace, cores, backend, candidate, peers, pairs, sliceMs, warmUpMs, descriptorLimit, say };
}

function isPresent(peer: Peer): boolean {
  const missing = peer.findMissing();
  if (missing !== null) say(`SKIPPED ${peer.name}: not installed: ${missing}`);
  return missing === null;
}

async function measure(bench: Bench, rows: readonly string[]): Promise<RunResult> {
  const loadRows: LoadResult[] = [];
  for (const row of LOAD_ROWS.filter((known) => rows.includes(known.name)))
    loadRows.push(await measureLoadRow(bench, row));
  const idleRow: IdleResult | null = rows.includes(IDLE_ROW.name) ? await measureIdleRow(bench) : null;
  return { loadRows, idleRow };
}

function publish(options: Options, surroundings: string, result: RunResult, bars: readonly Bar[]): void {
  const figures = buildFigures(result);
  const verdicts = buildVerdicts(bars);
  process.stdout.write(`${surroundings}\n\n${formatText(figures)}\n\n${formatText(verdicts)}\n`);
  if (options.markdownPath !== null) {
    writeFileSync(
      options.markdownPath,
      `${surroundings}\n\n${formatMarkdown(figures)}\n\n${formatMarkdown(verdicts)}\n`,
    );
  }
  if (options.jsonPath !== null) {
    writeFileSync(options.jsonPath, `${JSON.stringify({ surroundings, options, ...result, bars }, null, 2)}\n`);
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const names = PEERS.map((peer) => peer.name);
  try {
    const options = parseOptions(argv, names);
    if (!options.help) return await run(options);
    process.stdout.write(`${describeOptions(names)}\n`);
    return 0;
  } catch (error) {
    say(describeError(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
