import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ENTRY = join(import.meta.dirname, '../../src/cli/main.ts');

/** The program as words of a shell, for tests of what a shell makes of it. */
export const PROGRAM_WORDS: string = `'${process.execPath}' '${ENTRY}'`;

/** What a command came to. */
export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script in bash with nothing of the tester's own settings; in it, `rwwwrse` is the program. */
export function runBash(script: string, env: Readonly<Record<string, string>> = {}): Promise<CommandEnd> {
  const prelude = `rwwwrse() { ${PROGRAM_WORDS} "$@"; }\n`;
  return run('bash', ['--norc', '-c', prelude + script], env);
}

/**
 * Runs a command of the program to its end.
 *
 * @param output `unread` = the other end of its standard output is closed before it writes
 */
export function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  output: 'read' | 'unread' = 'read',
): Promise<CommandEnd> {
  return run(process.execPath, [ENTRY, ...args], env, output);
}

function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  output: 'read' | 'unread' = 'read',
): Promise<CommandEnd> {
  const child = spawn(file, args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  if (output === 'unread') child.stdout.destroy();
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
