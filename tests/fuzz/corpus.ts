import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FuzzCase } from './compare.ts';

const FOLDER = join(import.meta.dirname, 'corpus');

/** A case that once was read differently, or that shows a listed difference, with what the proxy must make of it. */
export interface CorpusCase extends FuzzCase {
  readonly why: string;
  readonly expect: { readonly accepted: number; readonly completed: number; readonly refused: string | null };
}

/** All cases of the corpus by file name. */
export function readCorpus(): [string, CorpusCase][] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.toSorted().map((file) => [file, JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as CorpusCase]);
}

/** Text of a corpus file; ASCII only, so that no editor changes a byte of the case. */
export function corpusText(entry: CorpusCase): string {
  const json = JSON.stringify(entry, null, 2);
  return json.replaceAll(/[^\n -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
