import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { runCommand } from '../support/command.ts';
import { TypedShell } from '../support/typed-shell.ts';
import type { ShellName } from '../support/typed-shell.ts';

/** What is typed and what it becomes, in a folder with `a file.yaml` and `other.yaml`. */
const UNIQUE: readonly (readonly [typed: string, completed: string])[] = [
  ['rwwwrse con', 'rwwwrse config'],
  ['rwwwrse zebra', 'rwwwrse zebra'],
  ['rwwwrse --json config sh', 'rwwwrse --json config show'],
  ['rwwwrse -c x sta', 'rwwwrse -c x status'],
  ['rwwwrse --config=x sta', 'rwwwrse --config=x status'],
  ['rwwwrse config show --config ot', 'rwwwrse config show --config other.yaml'],
  ['rwwwrse config diff x ot', 'rwwwrse config diff x other.yaml'],
  ['rwwwrse explain --fr', 'rwwwrse explain --from'],
  ['rwwwrse explain -H x --js', 'rwwwrse explain -H x --json'],
  ['rwwwrse explain GET --js', 'rwwwrse explain GET --json'],
  ['rwwwrse errors --js', 'rwwwrse errors --json'],
  ['rwwwrse status --url x --js', 'rwwwrse status --url x --json'],
];

/** All completions of the last word. */
const SEVERAL: readonly (readonly [typed: string, completed: string])[] = [
  ['rwwwrse ', 'rwwwrse completion config errors explain help reload status upgrade'],
  ['rwwwrse config ', 'rwwwrse config diff show'],
  ['rwwwrse config show --c', 'rwwwrse config show --changed --config'],
  ['rwwwrse completion ', 'rwwwrse completion bash fish zsh'],
  ['rwwwrse --config ', String.raw`rwwwrse --config a\ file.yaml other.yaml`],
  ['rwwwrse config diff x ', String.raw`rwwwrse config diff x a\ file.yaml other.yaml`],
];

const CASES = { bash: [...UNIQUE, ...SEVERAL], zsh: [...UNIQUE, ...SEVERAL], fish: UNIQUE } as const;

async function typeInto(context: TestContext, name: ShellName): Promise<void> {
  const missing = [name, 'script'].find((program) => spawnSync(program, ['--version']).status !== 0);
  if (missing !== undefined) {
    context.skip(`missing: ${missing}`);
    return;
  }
  const { stdout: script } = await runCommand(['completion', name]);
  const shell = await TypedShell.start(context, name, script);
  for (const file of ['a file.yaml', 'other.yaml']) writeFileSync(join(shell.folder, file), '');
  const completed: (readonly [string, string])[] = [];
  for (const [typed] of CASES[name]) completed.push([typed, bare(await shell.completed(typed))]);
  assert.deepEqual(completed, CASES[name]);
}

/** Without the `=` that waits for a value, and the spaces that wait for a word. */
function bare(line: string): string {
  return line.replaceAll(/=(?= |$)/g, '').trim();
}

for (const name of Object.keys(CASES) as ShellName[])
  test(`${name} on a terminal completes what is typed`, (context) => typeInto(context, name));
