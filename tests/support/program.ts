import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { freePort } from './free-port.ts';
import { isRunning, killStarted } from './processes.ts';
import { until } from './until.ts';

const ROOT = join(import.meta.dirname, '../..');
const ENTRY = join(ROOT, 'src/cli/main.ts');

/** How a program is started; everything is optional but a backend, without which it serves its demo. */
export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly nodeFlags?: readonly string[];
  /** Port to listen on; a free one when absent. */
  readonly port?: number;
  /** false: `startProgram` does not wait until it listens. */
  readonly awaitReady?: boolean;
  /** File that is run; the program's own entry when absent. */
  readonly entry?: string;
  /** true: the test is its launcher, which holds the other end of a pipe (RWWWRSE_LAUNCHER_FD). */
  readonly launcher?: boolean;
}

/** How a process ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A line of the application log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [key: string]: unknown;
}

/** A started rwwwrse process, its output and its end. */
export class Program {
  readonly child: ChildProcess;
  readonly port: number;
  stdout = '';
  stderr = '';
  /** Its output has ended. */
  private closed = false;

  constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.port = port;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.once('close', () => (this.closed = true));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  /** Process id of the process that was started. */
  get pid(): number {
    return this.child.pid as number;
  }

  /** Waits for the end of the process that was started, and of its output unless a successor goes on writing there. */
  async ended(deadlineMs = 20_000): Promise<ProgramEnd> {
    const { child } = this;
    await until('the program ended', () => child.exitCode !== null || child.signalCode !== null, deadlineMs);
    await until('its output ended', () => this.closed || this.servingPids.some((pid) => pid !== this.pid), deadlineMs);
    return { code: child.exitCode, signal: child.signalCode };
  }

  /** Lines of the application log so far. */
  get log(): readonly LogLine[] {
    return this.stdout.split('\n').flatMap((line) => parseLine(line));
  }

  /** All lines of the log with this message. */
  logged(message: string): readonly LogLine[] {
    return this.log.filter(({ msg }) => msg === message);
  }

  /** Waits for the `nth` line with this message. */
  async untilLogged(message: string, deadlineMs = 10_000, nth = 1): Promise<LogLine> {
    const lines = await until(
      `log line "${message}"`,
      () => (this.logged(message).length >= nth ? this.logged(message) : null),
      deadlineMs,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`);
    });
    return lines[nth - 1] as LogLine;
  }

  /** The lines on standard error, without what an inspector prints. */
  get errorLines(): readonly string[] {
    return this.stderr.split('\n').filter((line) => line !== '' && !/^(Debugger|For help|Starting)/.test(line));
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Process ids that said they listen: the one started, and its successors. */
  get servingPids(): readonly number[] {
    return this.logged('listening').map(({ pid }) => Number(pid));
  }

  /** Kills what still runs of it; for the end of a test. */
  async dispose(): Promise<void> {
    for (const pid of [this.pid, ...this.servingPids]) killStarted(pid);
    await until('all processes of the test ended', () => ![this.pid, ...this.servingPids].some(isRunning));
  }
}

/** Starts the program on loopback with 2 workers; it is killed when the test ends, however it ends. */
export async function startProgram(context: TestContext, options: ProgramOptions = {}): Promise<Program> {
  const port = options.port ?? (await freePort());
  const child = spawn(
    process.execPath,
    [...(options.nodeFlags ?? []), options.entry ?? ENTRY, ...(options.args ?? [])],
    {
      cwd: ROOT,
      env: { ...programEnv(port), ...(options.launcher === true ? { RWWWRSE_LAUNCHER_FD: '3' } : {}), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', options.launcher === true ? 'pipe' : 'ignore'],
    },
  );
  const program = new Program(child, port);
  const kill = (): void => killStarted(program.pid);
  process.once('exit', kill);
  context.after(async () => {
    await program.dispose();
    process.off('exit', kill);
  });
  if (options.awaitReady !== false) {
    await until('the program serves or ended', () => program.logged('listening').length > 0 || child.exitCode !== null);
    if (child.exitCode !== null) throw new Error(`the program ended with status ${child.exitCode}: ${program.stderr}`);
  }
  return program;
}

/** The environment of a test's program: nothing of the tester's own settings; no checks and no retries unless a test asks. */
export function programEnv(port: number): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    XDG_RUNTIME_DIR: runtimeFolder(),
    NO_COLOR: '1',
    NODE_NO_WARNINGS: '1',
    RWWWRSE_HOST: '127.0.0.1',
    RWWWRSE_PORT: String(port),
    RWWWRSE_METRICS_PORT: '0',
    RWWWRSE_WORKERS: '2',
    RWWWRSE_SHUTDOWN_DELAY: '0s',
    RWWWRSE_REQUEST_LOGGING: 'false',
    // A test that counts what a backend gets counts the requests of its clients.
    RWWWRSE_HEALTH_CHECK_ENABLED: 'false',
    RWWWRSE_RETRY_ENABLED: 'false',
  };
}

let ownRuntimeFolder: string | null = null;

/** The folder of the control sockets of this test process. */
function runtimeFolder(): string {
  if (ownRuntimeFolder !== null) return ownRuntimeFolder;
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-run-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  ownRuntimeFolder = folder;
  return folder;
}

function parseLine(line: string): LogLine[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line) as LogLine];
  } catch {
    return [];
  }
}
