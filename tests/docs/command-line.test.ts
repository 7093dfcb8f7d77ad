import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { allCommands } from '../../src/cli/command-line.ts';
import { commandTree } from '../../src/cli/command-tree.ts';
import { runBash, runCommand } from '../support/command.ts';
import { codeBlocks, readPage } from './markdown.ts';

const BLOCKS = codeBlocks(readPage('docs/command-line.md').text);

test('the help in docs/command-line.md is the help of the program, and no command is missing', async () => {
  const documented = BLOCKS.filter(({ kind }) => kind.startsWith('text help'));
  const paths = documented.map(({ kind }) => kind.slice('text help'.length).trim());
  for (const [index, { text }] of documented.entries()) {
    const path = paths[index] as string;
    const { stdout } = await runCommand([...path.split(' '), '--help'].filter((word) => word !== ''));
    assert.equal(text, stdout, `docs/command-line.md is not fresh: rwwwrse ${path} --help`);
  }
  const commands = allCommands(commandTree(() => undefined)).filter((command) => command.commands.length === 0);
  for (const command of commands) {
    const group = command.parent?.parent === null ? '' : `${command.parent?.name()} `;
    if (command.name() !== 'help') assert.ok(paths.includes(group + command.name()), command.name());
  }
});

test('every example of docs/command-line.md prints what the page shows, with the status that it says', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const { kind, text } of BLOCKS)
    if (kind.startsWith('yaml file ')) writeFileSync(join(folder, kind.slice('yaml file '.length)), text);
  const runs = BLOCKS.flatMap((block, index) => (block.kind.startsWith('sh run') ? [index] : []));
  assert.ok(runs.length >= 6);
  for (const index of runs) {
    const [example, shown] = [BLOCKS[index], BLOCKS[index + 1]];
    const { code, stdout, stderr } = await runBash(`cd '${folder}'\n${example?.text}`);
    assert.equal(
      String(code),
      example?.kind.slice('sh run'.length).trim() || '0',
      `${example?.text}${stdout}${stderr}`,
    );
    const output = shown?.kind === 'text stderr' ? stderr : stdout;
    assert.match(output.replaceAll(/\n\n+/g, '\n'), patternOf(shown?.text ?? ''), String(example?.text));
  }
});

/** `…` stands for anything, on a line of its own for any lines. */
function patternOf(shown: string): RegExp {
  const lines = shown.split('\n').filter((line) => line !== '');
  const parts = lines.map((line) => {
    if (line === '…') return String.raw`(?:.*\n)*?`;
    return `${line
      .split('…')
      .map((part) => RegExp.escape(part))
      .join('.*')}\n`;
  });
  return new RegExp(`^${parts.join('')}$`);
}
