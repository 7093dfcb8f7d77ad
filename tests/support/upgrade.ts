import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TestContext } from 'node:test';
import { type CommandEnd, runCommand } from './command.ts';
import { RawConnection } from './http-client.ts';
import { isRunning, killStarted } from './processes.ts';
import { type Program, type ProgramOptions, startProgram } from './program.ts';
import { until } from './until.ts';
import { createFolder } from './yaml-program.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

/** A program whose entry on the disk can be replaced while it runs, with its pid file. */
export interface Upgradable {
  readonly program: Program;
  readonly pidFile: string;
  /** Puts another program where the running one was started from. */
  readonly install: (code: string) => void;
  /** Leaves nothing there. */
  readonly remove: () => void;
  /** Puts the real one there again. */
  readonly restore: () => void;
  /** `rwwwrse upgrade`, as an operator types it. */
  readonly upgrade: (...args: readonly string[]) => Promise<CommandEnd>;
}

/** Starts an {@link Upgradable}; all its processes end with the test. */
export async function startUpgradable(context: TestContext, options: ProgramOptions = {}): Promise<Upgradable> {
  const folder = createFolder(context);
  const pidFile = join(folder, 'rwwwrse.pid');
  mkdirSync(join(folder, 'bin'));
  const entry = join(folder, 'bin/rwwwrse.ts');
  symlinkSync(MAIN, entry);
  writeFileSync(join(folder, 'bin/package.json'), '{"type":"module"}');
  const program = await startProgram(context, {
    ...options,
    entry,
    env: { ...options.env, RWWWRSE_PID_FILE: pidFile },
  });
  // One that took over and did not say so yet is no process that `program` knows of.
  context.after(() => {
    for (const { successor } of program.logged('upgrade: the version on the disk starts'))
      killStarted(Number(successor));
  });
  return {
    program,
    pidFile,
    install(code) {
      rmSync(entry);
      writeFileSync(entry, code);
    },
    remove() {
      rmSync(entry);
    },
    restore() {
      rmSync(entry, { force: true });
      symlinkSync(MAIN, entry);
    },
    upgrade: (...args) => runCommand(['upgrade', '--socket', `${pidFile}.sock`, ...args]),
  };
}

/** Waits until a process is gone; it is killed when the test ends before that. */
export async function untilGone(context: TestContext, pid: number): Promise<void> {
  context.after(() => killStarted(pid));
  await until(`process ${pid} is gone`, () => !isRunning(pid), 20_000);
}

/** Clients that each open a connection, send one request on it, and go; what was not answered with 200 is kept. */
export class Churn {
  readonly problems: string[] = [];
  answers = 0;
  private readonly clients: Promise<void>[] = [];
  private readonly port: number;
  private stopping = false;

  constructor(context: TestContext, port: number, clients: number) {
    this.port = port;
    for (let i = 0; i < clients; i++) this.clients.push(this.run());
    context.after(() => {
      this.stopping = true;
    });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.clients);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const connection = await new RawConnection(this.port).opened();
      if (connection.closed) this.problems.push(`refused: ${connection.errorCode}`);
      else {
        connection.send('GET /churn HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
        const answer = await connection.answerOrClose().catch((error: unknown) => String(error));
        if (answer === null || typeof answer === 'string') this.problems.push(`${answer} ${connection.errorCode}`);
        else if (answer.status !== 200) this.problems.push(`status ${answer.status}: ${answer.body}`);
        else this.answers++;
      }
      connection.destroy();
    }
  }
}
