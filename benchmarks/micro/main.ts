import { glob } from 'node:fs/promises';

/** Runs every micro benchmark, or those whose path contains an argument: `node benchmarks/micro/main.ts [part …]`. */
const parts = process.argv.slice(2);
const files: string[] = [];
for await (const file of glob('**/*.ts', { cwd: import.meta.dirname })) files.push(file);
for (const file of files.toSorted()) {
  if (file === 'main.ts' || file === 'measure.ts') continue;
  if (parts.length > 0 && !parts.some((part) => file.includes(part))) continue;
  process.stdout.write(`${file}\n`);
  await import(new URL(file, import.meta.url).href);
}
