import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import type { CodeBlock } from './markdown.ts';
import { ROOT } from './markdown.ts';

const DEADLINE_MS = 20_000;
const PORTS = ['8080', '9090', '3000', '3001'] as const;
const FOLDER = '/tmp/rwwwrse-tour';

/**
 * Runs the commands of a tour as a reader would: `sh start` in a terminal of its own, `sh run` to its end, and compares what a
 * `text` block behind it shows, where `…` stands for anything. Ports and the folder are replaced by free ones.
 */
class Tour {
  /** Mismatches, each with the command; empty after a tour that works. */
  readonly mistakes: string[] = [];
  private readonly replacements: ReadonlyMap<string, string>;
  private readonly env: Readonly<Record<string, string>>;
  private readonly terminals: Terminal[] = [];
  private program: Terminal | null = null;

  private constructor(replacements: ReadonlyMap<string, string>, env: Readonly<Record<string, string>>) {
    this.replacements = replacements;
    this.env = env;
  }

  /** A tour with ports and a folder of its own. */
  static async create(env: Readonly<Record<string, string>>): Promise<Tour> {
    const ports = await Promise.all(PORTS.map(async (port) => [port, String(await freePort())] as const));
    return new Tour(new Map([...ports, [FOLDER, mkdtempSync(join(tmpdir(), 'rwwwrse-tour-'))]]), env);
  }

  /** Runs the blocks up to the first mistake; `text stop` is what the program prints when it is stopped. */
  async run(blocks: readonly CodeBlock[]): Promise<void> {
    for (const [index, { kind, text }] of blocks.entries()) {
      if (this.mistakes.length > 0) return;
      const following = blocks[index + 1];
      const shown = following?.kind === 'text' ? this.adapt(following.text) : null;
      if (kind === 'sh start') await this.start(this.adapt(text));
      else if (kind === 'sh run') await this.command(this.adapt(text), shown);
      else if (kind === 'text stop') await this.stop(this.adapt(text));
    }
  }

  /** Ends what still runs. */
  async dispose(): Promise<void> {
    for (const terminal of this.terminals) terminal.kill('SIGKILL');
    await Promise.all(this.terminals.map(({ end }) => end));
    rmSync(this.replacements.get(FOLDER) as string, { recursive: true, force: true });
  }

  private adapt(text: string): string {
    return text.replaceAll(
      /\b(?:8080|9090|3000|3001)\b|\/tmp\/rwwwrse-tour/g,
      (found) => this.replacements.get(found) ?? found,
    );
  }

  private async start(script: string): Promise<void> {
    const isProgram = /npm start|src\/cli\/main\.ts/.test(script);
    if (isProgram) await this.stop(null);
    const terminal = new Terminal(script, this.environment(script));
    this.terminals.push(terminal);
    if (isProgram) this.program = terminal;
    const isListening = (): boolean => terminal.output.includes('"msg":"listening"');
    // It starts the program when the first connection comes.
    const isOpen = (): boolean => terminal.errors.includes('Listening on');
    let isReady: () => boolean | Promise<boolean> = () => this.isServed('3001');
    if (script.includes('systemd-socket-activate')) isReady = isOpen;
    else if (isProgram) isReady = isListening;
    await until(`ready: ${script}`, () => terminal.ended || isReady(), DEADLINE_MS);
    if (terminal.ended) this.mistakes.push(`ended at once: ${script}\n${terminal.output}${terminal.errors}`);
  }

  /** Logs and answers may come a moment later: the command is run again until it shows what it should. */
  private async command(script: string, shown: string | null): Promise<void> {
    let last = '';
    const works = async (): Promise<boolean> => {
      const terminal = new Terminal(script, this.environment(script));
      this.terminals.push(terminal);
      const status = await terminal.end;
      last = `status ${status}\n${terminal.output}${terminal.errors}`;
      return status === 0 && (shown === null || matchesWhole(terminal.output, shown));
    };
    await until(script, works, DEADLINE_MS / 4).catch(() =>
      this.mistakes.push(`${script}\nshould show\n${shown}\n${last}`),
    );
  }

  private async stop(shown: string | null): Promise<void> {
    const { program } = this;
    this.program = null;
    if (program === null) return;
    program.kill('SIGINT');
    await until('the program ended', () => program.ended, DEADLINE_MS);
    if (shown !== null && !matchesTail(program.output, shown)) {
      this.mistakes.push(`Ctrl-C should show\n${shown}\n${program.output}`);
    }
  }

  private environment(script: string): Record<string, string> {
    const [port = '', metricsPort = ''] = PORTS.map((name) => this.replacements.get(name));
    const accessLog = join(this.replacements.get(FOLDER) as string, 'unnamed.log');
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      NO_COLOR: '1',
      RWWWRSE_HOST: '127.0.0.1',
      RWWWRSE_PORT: port,
      RWWWRSE_METRICS_PORT: metricsPort,
      RWWWRSE_SHUTDOWN_DELAY: '0s',
      // Pages show backends that are down on purpose, and what their own requests find out about them.
      RWWWRSE_HEALTH_CHECK_ENABLED: 'false',
      ...(script.includes('--config') ? {} : { RWWWRSE_ACCESS_LOG_PATH: accessLog }),
      ...this.env,
    };
  }

  private async isServed(name: string): Promise<boolean> {
    return fetch(`http://127.0.0.1:${this.replacements.get(name)}/`).then(
      (response) => response.ok,
      () => false,
    );
  }
}

/** For pages that say that their `node` is a supported one: the tests' own, whatever the machine has. */
export const SUPPORTED_NODE: Readonly<Record<string, string>> = {
  PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
};

/**
 * Runs the commands of a page as {@link Tour} does; the test is skipped where a program that they need is missing.
 *
 * @param env variables besides those that every tour has
 */
export async function takeTour(
  context: TestContext,
  blocks: readonly CodeBlock[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const program of ['npm', 'curl']) {
    if (spawnSync(program, ['--version']).status !== 0) {
      context.skip(`missing: ${program}`);
      return;
    }
  }
  const tour = await Tour.create(env);
  try {
    await tour.run(blocks);
  } finally {
    await tour.dispose();
  }
  assert.deepEqual(tour.mistakes, []);
}

/** One command in a process group of its own. */
class Terminal {
  output = '';
  errors = '';
  ended = false;
  readonly end: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(script: string, env: Readonly<Record<string, string>>) {
    const child = spawn('sh', ['-e', '-c', script], {
      cwd: ROOT,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.end = new Promise((resolve) => {
      child.once('close', (status) => {
        this.ended = true;
        resolve(status);
      });
    });
  }

  /** As a terminal does: the signal goes to everything that the command started. */
  kill(signal: NodeJS.Signals): void {
    if (this.ended || this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      // ESRCH: it ended by itself and is not reported yet.
    }
  }
}

function matchesWhole(output: string, shown: string): boolean {
  const [printed, wanted] = [linesOf(output), linesOf(shown)];
  return printed.length === wanted.length && wanted.every((line, index) => matchesLine(printed[index] as string, line));
}

function matchesTail(output: string, shown: string): boolean {
  const wanted = linesOf(shown);
  const found = linesOf(output).flatMap((line) => wanted.find((pattern) => matchesLine(line, pattern)) ?? []);
  return isDeepStrictEqual(found, wanted);
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function matchesLine(line: string, pattern: string): boolean {
  const parts = pattern.split('…').map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('.*')}$`).test(line);
}
