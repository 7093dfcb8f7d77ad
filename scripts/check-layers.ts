/** Checks the rules of the tree that no linter knows: layers, circles, sizes, drawers, words. Part of `npm run check`. */
import { globSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { findCircles } from './tree-rules/circles.ts';
import { findImports } from './tree-rules/imports.ts';
import { findLayerViolations } from './tree-rules/layers.ts';
import { findDrawers, findLongFiles } from './tree-rules/paths.ts';
import { readSource } from './tree-rules/source-text.ts';
import { findForbiddenWords } from './tree-rules/words.ts';

/** What the check found, one line each; problems fail it, warnings do not. */
export interface TreeFindings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Checks a tree given as path (relative, forward slashes) → source text. */
export function checkTree(tree: ReadonlyMap<string, string>): TreeFindings {
  const files = Array.from(tree, ([path, text]) => readSource(path, text));
  const edges = files.flatMap(findImports);
  const sizes = findLongFiles(files);
  return {
    problems: [
      ...findLayerViolations(edges),
      ...findCircles(edges),
      ...findDrawers([...tree.keys()]),
      ...sizes.problems,
      ...files.flatMap(findForbiddenWords),
    ],
    warnings: sizes.warnings,
  };
}

function readTree(): Map<string, string> {
  const paths = globSync('{src,tests,scripts,benchmarks,bin}/**/*.{ts,mts,mjs,js}', {
    exclude: ['**/node_modules/**'],
  });
  return new Map(paths.toSorted().map((path) => [path.replaceAll('\\', '/'), readFileSync(path, 'utf8')]));
}

function main(): void {
  const tree = readTree();
  const { problems, warnings } = checkTree(tree);
  for (const line of warnings) process.stdout.write(`warning: ${line}\n`);
  for (const line of problems) process.stdout.write(`${line}\n`);
  process.stdout.write(`${tree.size} files, ${problems.length} problems, ${warnings.length} warnings\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
