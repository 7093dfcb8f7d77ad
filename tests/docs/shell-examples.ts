import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { runBash } from '../support/command.ts';
import type { CodeBlock } from './markdown.ts';

/**
 * Runs the `sh run` blocks of a page in a folder, each in a shell of its own in which `rwwwrse` is the program, and tells what is
 * not as the page shows. `KIND file NAME` is a file of the page; a number behind `sh run` is the status; the block behind it is
 * the output, where `…` stands for anything and blanks between columns do not count.
 */
export async function mistakesInExamples(blocks: readonly CodeBlock[], folder: string): Promise<string[]> {
  for (const { kind, text } of blocks) {
    const [, name] = /^\w+ file (\S+)$/.exec(kind) ?? [];
    if (name !== undefined) writeFileSync(join(folder, name), text);
  }
  const mistakes: string[] = [];
  for (const [index, { kind, text }] of blocks.entries()) {
    if (!kind.startsWith('sh run')) continue;
    const { code, stdout, stderr } = await runBash(`cd '${folder}'\n${text}`);
    const seen = `${text}\nstatus ${code}\n${stdout}${stderr}`;
    if (String(code) !== (kind.slice('sh run'.length).trim() || '0')) mistakes.push(seen);
    else if (!patternOf(blocks[index + 1]?.text ?? '').test(stdout)) mistakes.push(seen);
  }
  return mistakes;
}

function patternOf(shown: string): RegExp {
  const lines = shown.split('\n').filter((line) => line !== '');
  const parts = lines.map((line) =>
    line
      .split(/( *… *| {2,})/)
      .map(pieceOf)
      .join(''),
  );
  return new RegExp(`^${parts.map((part) => `${part} *\n`).join('')}$`);
}

function pieceOf(piece: string): string {
  if (piece.includes('…')) return '.*';
  return piece.trim() === '' ? ' *' : RegExp.escape(piece);
}
