import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** The repository. */
export const ROOT: string = join(import.meta.dirname, '../..');

/** A fenced block of a page. */
export interface CodeBlock {
  /** What stands behind the backticks, such as `sh run`. */
  readonly kind: string;
  readonly text: string;
}

/** A page with the parts that tests look at. */
export interface Page {
  /** Path in the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The text without fenced blocks. */
  readonly prose: string;
}

const FENCED = /^( *)```([^\n]*)\n([\s\S]*?)^\1```$/gm;

/** Every page of the repository. */
export function readPages(): Page[] {
  const paths = globSync('**/*.md', { cwd: ROOT, exclude: ['**/node_modules/**', 'dist/**'] });
  return paths.toSorted().map((path) => readPage(path.split(sep).join('/')));
}

/** One page. */
export function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, prose: text.replaceAll(FENCED, '') };
}

/** The fenced blocks of a text, in their order. */
export function codeBlocks(text: string): CodeBlock[] {
  return Array.from(text.matchAll(FENCED), ([, , kind = '', content = '']) => ({ kind: kind.trim(), text: content }));
}

/** The text of a section, from its heading to the next one of its level. */
export function sectionOf(page: Page, heading: string): string {
  const [, section = ''] = page.text.split(`\n## ${heading}\n`);
  return section.split('\n## ')[0] as string;
}

/** The targets of all links, images included. */
export function linksOf(page: Page): string[] {
  return Array.from(page.prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target);
}

/** The anchors of a page's headings, as the usual renderers make them. */
export function anchorsOf(page: Page): Set<string> {
  return new Set(Array.from(page.prose.matchAll(/^#+ (.+)$/gm), ([, title = '']) => anchorOf(title)));
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

/** The cells of a table row without backticks around them, or null for another line. */
export function cellsOf(line: string): string[] | null {
  if (!line.startsWith('| ')) return null;
  const cells = line.slice(1, line.lastIndexOf('|')).split('|');
  return cells.map((cell) => cell.trim());
}
