import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { commandTree } from '../command-tree.ts';
import { bashCompletion } from './bash.ts';
import { allModels, completionModel } from './completion-model.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

const MODEL = completionModel(commandTree(() => undefined));

/** The line to complete ends with the last word; empty = a new word begins. Null = the shell completes files. */
const CASES: readonly (readonly [words: readonly string[], offered: string | null])[] = [
  [[''], 'config explain status reload upgrade errors completion help'],
  [['s'], 'status'],
  [['zebra'], ''],
  [['config', ''], 'show diff'],
  [['config', 'd'], 'diff'],
  [['config', 'show', '--c'], '--changed --config'],
  [['config', 'show', ''], ''],
  [['config', 'diff', ''], null],
  [['config', 'diff', 'a', ''], null],
  [['config', 'diff', 'a', 'b', ''], ''],
  [['--config', ''], null],
  [['-c', 'x'], null],
  [['--config', '=', 'x'], null],
  [['--config', '='], null],
  [['--config', 'config', ''], 'config explain status reload upgrade errors completion help'],
  [['--config', '=', 'config', 'st'], 'status'],
  [['status', '--url', ''], ''],
  [['explain', '-H', 'status', '--f'], '--from'],
  [['completion', ''], 'bash zsh fish'],
  [['completion', 'bash', ''], ''],
];

/** Fish looks for a command anywhere in the line and counts no arguments. */
const COARSE_IN_FISH: ReadonlySet<string> = new Set([
  'config diff a b ',
  'completion bash ',
  '--config config ',
  '--config = config st',
]);

function byName(a = '', b = ''): number {
  return a < b ? -1 : 1;
}

function hasShell(context: TestContext, name: string): boolean {
  if (spawnSync(name, ['-c', 'exit 0']).status === 0) return true;
  assert.notEqual(process.env['CI'], 'true', `missing: ${name}`);
  context.skip(`missing: ${name}`);
  return false;
}

function runShell(name: string, option: string, script: string): string {
  const { status, stdout, stderr } = spawnSync(name, [option, '-c', script], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, ''], `${name}: ${stderr}`);
  return stdout;
}

test('bash offers commands, options and choices where they belong, and leaves files to readline', (context) => {
  if (!hasShell(context, 'bash')) return;
  const asked = CASES.map(([words]) => {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    // `compopt` is what tells files (not called) from nothing (called).
    return `COMP_WORDS=(rwwwrse ${quoted}); COMP_CWORD=${words.length}; own=files; _rwwwrse; echo "$own:\${COMPREPLY[*]}"`;
  });
  const script = `${bashCompletion(MODEL)}\ncompopt() { own=words; }\n${asked.join('\n')}\ncomplete -p rwwwrse\n`;
  const lines = runShell('bash', '--norc', script).trimEnd().split('\n');
  assert.deepEqual(
    CASES.map(([words], index) => [words.join(' '), lines[index]]),
    CASES.map(([words, offered]) => [words.join(' '), offered === null ? 'files:' : `words:${offered}`]),
  );
  assert.match(lines.at(-1) ?? '', /^complete .*-F _rwwwrse rwwwrse$/);
});

test('fish offers the same commands, options and choices', (context) => {
  if (!hasShell(context, 'fish')) return;
  const asked = CASES.filter(([words, offered]) => offered !== null && !COARSE_IN_FISH.has(words.join(' ')));
  const script = asked.map(([words]) => `complete -C 'rwwwrse ${words.join(' ')}'; echo ---`).join('\n');
  const blocks = runShell('fish', '--no-config', `${fishCompletion(MODEL)}\n${script}\n`).split('---\n');
  const offered = asked.map((_, index) => (blocks[index] ?? '').split('\n').map((line) => line.split('\t')[0]));
  assert.deepEqual(
    offered.map((words) => words.filter((word) => word !== '').toSorted(byName)),
    asked.map(([, words]) =>
      (words ?? '')
        .split(' ')
        .filter((word) => word !== '')
        .toSorted(),
    ),
  );
});

test('zsh reads the script without complaint and has a function for every command', (context) => {
  if (!hasShell(context, 'zsh')) return;
  const script = `compdef() { echo "$@" }\n${zshCompletion(MODEL)}\nprint -l \${(ok)functions}\n`;
  const names = runShell('zsh', '-f', script).trimEnd().split('\n');
  assert.equal(names[0], '_rwwwrse rwwwrse');
  for (const { path } of allModels(MODEL)) assert.ok(names.includes(['_rwwwrse', ...path].join('_')), path.join(' '));
});

test('every command and option of the tree is in every script', () => {
  const scripts = [bashCompletion(MODEL), zshCompletion(MODEL), fishCompletion(MODEL)];
  for (const { path, options } of allModels(MODEL)) {
    for (const name of [...path, ...options.flatMap(({ names }) => names.map((each) => each.replace(/^-+/, '')))])
      for (const script of scripts) assert.ok(script.includes(name), name);
  }
});
