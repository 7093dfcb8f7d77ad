import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { REPORT_FD_VARIABLE } from './run-tests-reporter.ts';
import type { ReportLine } from './run-tests-reporter.ts';

/** What one test of a file, or the file as a whole, ended with. */
export type TestOutcome = Exclude<ReportLine, { kind: 'end' | 'note' }>;

/** The end of one test file. */
export interface FileResult {
  readonly file: string;
  readonly outcomes: readonly TestOutcome[];
  /** The last of what the file printed, standard output and error together. */
  readonly output: string;
  readonly durationMs: number;
}

/** How a test file is run. */
export interface FileRunOptions {
  /** After it the file's whole process group is killed and the file has failed. */
  readonly timeoutMs: number;
  /** A regular expression; only tests with a matching name run. */
  readonly namePattern: string | null;
}

const REPORT_FD = 3;
const OUTPUT_LIMIT_CHARS = 64 * 1024;
const REPORTER = new URL('run-tests-reporter.ts', import.meta.url).href;
const running = new Set<ChildProcess>();

/** Kills every test process still running, with whatever it started; for an interrupted run. */
export function killRunningFiles(): void {
  for (const child of running) killGroup(child);
}

/** Runs one test file in a process of its own with node:test. Never rejects: what goes wrong is a failed outcome. */
export async function runTestFile(file: string, options: FileRunOptions): Promise<FileResult> {
  const startedMs = performance.now();
  const child = startFile(file, options);
  const report = collectReport(child);
  const output = collectOutput(child);
  let isTimedOut = false;
  const timer = setTimeout(() => {
    isTimedOut = true;
    killGroup(child);
  }, options.timeoutMs);
  const ending = await untilClosed(child);
  clearTimeout(timer);
  // What a test forgot to end would otherwise hold ports and processor time of the next files.
  killGroup(child);
  running.delete(child);
  const { outcomes, isComplete, notes } = await report;
  const problem = isTimedOut
    ? `did not end within ${options.timeoutMs} ms: a test hangs, or a socket, timer or child process is left open`
    : fileProblem({ outcomes, isComplete, ending, isFiltered: options.namePattern !== null });
  const text = [problem, ...notes].join('\n');
  const all = problem === null ? outcomes : [...outcomes, { kind: 'failed' as const, name: file, where: file, text }];
  return { file, outcomes: all, output: output(), durationMs: performance.now() - startedMs };
}

function startFile(file: string, { namePattern }: FileRunOptions): ChildProcess {
  const args = [
    '--disable-warning=ExperimentalWarning',
    `--test-reporter=${REPORTER}`,
    '--test-reporter-destination=stdout',
  ];
  if (namePattern !== null) args.push(`--test-name-pattern=${namePattern}`);
  const child = spawn(process.execPath, [...args, file], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, [REPORT_FD_VARIABLE]: String(REPORT_FD) },
    // A group of its own, so that a hanging file is killed together with the servers that it started.
    detached: true,
  });
  running.add(child);
  return child;
}

interface Report {
  readonly outcomes: readonly TestOutcome[];
  readonly notes: readonly string[];
  readonly isComplete: boolean;
}

async function collectReport(child: ChildProcess): Promise<Report> {
  const outcomes: TestOutcome[] = [];
  const notes: string[] = [];
  let isComplete = false;
  for await (const text of createInterface({ input: child.stdio[REPORT_FD] as NodeJS.ReadableStream })) {
    const line = JSON.parse(text) as ReportLine;
    if (line.kind === 'end') isComplete = true;
    else if (line.kind === 'note') notes.push(line.text);
    else outcomes.push(line);
  }
  return { outcomes, notes, isComplete };
}

function collectOutput(child: ChildProcess): () => string {
  let output = '';
  const append = (text: string): void => {
    output = (output + text).slice(-OUTPUT_LIMIT_CHARS);
  };
  child.stdout?.setEncoding('utf8').on('data', append);
  child.stderr?.setEncoding('utf8').on('data', append);
  return () => output.trim();
}

/** `exit` and not `close`: a grandchild that outlives the file keeps the pipes open. */
function untilClosed(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once('error', (error) => resolve(error.message));
  child.once('exit', (status, signal) => resolve(signal ?? String(status)));
  return promise;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: nothing is left of the group.
  }
}

interface FileEnding {
  readonly outcomes: readonly TestOutcome[];
  readonly isComplete: boolean;
  readonly ending: string;
  readonly isFiltered: boolean;
}

function fileProblem({ outcomes, isComplete, ending, isFiltered }: FileEnding): string | null {
  if (outcomes.some((outcome) => outcome.kind === 'failed')) return null;
  if (ending !== '0') return `ended with ${ending} although no test failed`;
  if (outcomes.length === 0) return isFiltered ? null : 'ran no test';
  return isComplete ? null : 'ended before its tests were over';
}
