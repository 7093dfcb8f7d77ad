import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { type Program, type ProgramOptions, startProgram } from './program.ts';

/** A new folder that is removed with the test. */
export function createFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the program with a configuration file of these lines. */
export function startWithYaml(
  context: TestContext,
  lines: readonly string[],
  options: ProgramOptions = {},
): Promise<Program> {
  const file = join(createFolder(context), 'config.yaml');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return startProgram(context, { ...options, args: ['--config', file] });
}
