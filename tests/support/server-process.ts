import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import type { TestContext } from 'node:test';

import { isRunning } from './processes.ts';
import { until } from './until.ts';

/** A real server program of a test that is stopped and started again; it ends with the test. */
export class ServerProcess {
  private readonly command: readonly [file: string, ...args: string[]];
  private readonly options: SpawnOptions;
  private readonly isReady: () => boolean | Promise<boolean>;
  private child: ChildProcess | null = null;
  private output = '';

  /** @param isReady whether it serves, asked again and again after a start */
  constructor(
    context: TestContext,
    command: readonly [file: string, ...args: string[]],
    options: SpawnOptions,
    isReady: () => boolean | Promise<boolean>,
  ) {
    this.command = command;
    this.options = options;
    this.isReady = isReady;
    context.after(() => this.stop('SIGKILL'));
  }

  /** Starts it, and waits until it serves. */
  async start(): Promise<void> {
    const [file, ...args] = this.command;
    const child = spawn(file, args, { ...this.options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    await until(`${file} serves`, () => child.exitCode !== null || this.isReady());
    if (child.exitCode !== null) throw new Error(`${file} ended with status ${child.exitCode}: ${this.output}`);
  }

  /** Sends a signal, as SIGSTOP. */
  signal(name: NodeJS.Signals): void {
    this.child?.kill(name);
  }

  /** Ends it, and waits until it is gone. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.pid === undefined) return;
    child.kill(signal);
    await until(`${this.command[0]} ended`, () => !isRunning(child.pid as number));
  }
}
