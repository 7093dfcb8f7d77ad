import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { listProcessTree } from './accounting.ts';
import { fetchOnce } from './fetch-once.ts';
import { SEARCH_PATH } from './machine.ts';
import type { Endable, Workspace } from './workspace.ts';

/** How a program is started. */
export interface Launch {
  readonly name: string;
  readonly argv: readonly string[];
  /** Its whole environment besides PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly cwd?: string;
  /** The core that it is bound to. */
  readonly core: number;
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  /** The file that its access log goes to; `null` = it writes none. */
  readonly accessLogPath?: string | null;
}

const READY_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 5_000;
const POLL_MS = 25;

/** A program under test, or the backend: a process group of its own that listens on one port. */
export class Program implements Endable {
  readonly name: string;
  readonly port: number;
  readonly accessLogPath: string | null;
  readonly #child: ChildProcess;
  readonly #workspace: Workspace;
  readonly #outputPath: string;
  #ended: string | null;

  constructor(launch: Launch, child: ChildProcess, workspace: Workspace, outputPath: string) {
    this.name = launch.name;
    this.port = launch.port;
    this.accessLogPath = launch.accessLogPath ?? null;
    this.#child = child;
    this.#workspace = workspace;
    this.#outputPath = outputPath;
    this.#ended = null;
    child.once('error', (error) => {
      this.#ended = error.message;
    });
    child.once('exit', (code, signal) => {
      this.#ended = signal === null ? `exit status ${code}` : `ended by ${signal}`;
    });
    workspace.add(this);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The process and all below it, as they are now. Throws when the program has ended by itself. */
  get pids(): number[] {
    if (this.#child.pid === undefined || this.#ended !== null) throw this.failure(this.#ended ?? 'never started');
    return listProcessTree(this.#child.pid);
  }

  /** Resolves when GET / is answered with 200. Throws when the program ends before that or does not get there in 15 s. */
  async waitUntilReady(): Promise<void> {
    const deadline = performance.now() + READY_DEADLINE_MS;
    let last = 'no answer';
    while (performance.now() < deadline) {
      if (this.#ended !== null) throw this.failure(this.#ended);
      last = await fetchOnce(this.port, '/').then(
        (answer) => `status ${answer.status}`,
        (error: Error) => error.message,
      );
      if (last === 'status 200') return;
      await pause(POLL_MS);
    }
    throw this.failure(`not ready after ${READY_DEADLINE_MS / 1000} s (${last})`);
  }

  async stop(): Promise<void> {
    const deadline = performance.now() + STOP_DEADLINE_MS;
    this.#signalGroup('SIGTERM');
    while (this.#signalGroup(0) && performance.now() < deadline) await pause(POLL_MS);
    this.kill();
    this.#workspace.remove(this);
  }

  kill(): void {
    this.#signalGroup('SIGKILL');
  }

  /** An error that names the program, what is wrong and the last thing it printed. */
  failure(reason: string): Error {
    const output = readFileSync(this.#outputPath, 'utf8').replaceAll(this.#workspace.folder, '');
    const lastLine = output.trim().split('\n').at(-1) ?? '';
    return new Error(`${this.name}: ${reason}${lastLine === '' ? '' : `; it said: ${lastLine.slice(0, 200)}`}`);
  }

  /** True when there was a process of the group to signal; 0 only asks. */
  #signalGroup(signal: NodeJS.Signals | 0): boolean {
    try {
      return this.#child.pid !== undefined && process.kill(-this.#child.pid, signal);
    } catch {
      // ESRCH: gone already.
      return false;
    }
  }
}

/** Starts a program on its core as the head of a process group of its own and waits until it answers. */
export async function startProgram(launch: Launch, workspace: Workspace): Promise<Program> {
  const outputPath = join(workspace.folder, `${launch.name.replaceAll(/\W/g, '-')}-${launch.port}.out`);
  const output = openSync(outputPath, 'a');
  const child = spawn('taskset', ['-c', String(launch.core), ...launch.argv], {
    cwd: launch.cwd ?? workspace.folder,
    env: { PATH: SEARCH_PATH, ...launch.env },
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  const program = new Program(launch, child, workspace, outputPath);
  try {
    await program.waitUntilReady();
  } catch (error) {
    await program.stop();
    throw error;
  }
  return program;
}
