import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A generated file and what makes it. */
export interface GeneratedFile {
  readonly text: string;
  /** Path of the script, for the message about a file that is not fresh. */
  readonly script: string;
}

/** Writes a generated file, or with `--check` sets the exit status when the file is not what would be written. */
export function writeOrCheck(root: string, path: string, { text, script }: GeneratedFile): void {
  const full = join(root, path);
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  } else if (read(full) !== text) {
    process.stdout.write(`${path} is not fresh: run node ${script}\n`);
    process.exitCode = 1;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
