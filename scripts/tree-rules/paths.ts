/** Folder names that collect what belongs nowhere; there is none of them at any depth (DESIGN.md 2). */
const DRAWER_NAMES: ReadonlySet<string> = new Set([
  'utils',
  'helpers',
  'common',
  'core',
  'shared',
  'types',
  'interfaces',
  'managers',
]);

const WARN_LINES = 300;
const FAIL_LINES = 400;

/** Whether a path is a test file, exempt from the layers and imported by nobody. */
export function isTestFile(path: string): boolean {
  return path.endsWith('.test.ts');
}

/** One line for each folder that is a drawer. */
export function findDrawers(paths: readonly string[]): string[] {
  const drawers = new Set<string>();
  for (const path of paths) {
    const folders = path.split('/').slice(0, -1);
    for (const [depth, name] of folders.entries()) {
      if (DRAWER_NAMES.has(name)) drawers.add(folders.slice(0, depth + 1).join('/'));
    }
  }
  return [...drawers].map((folder) => `${folder}/: a folder is a concept; name it after what is in it`);
}

/** Sizes of files: more than 400 lines is a problem, more than 300 a warning. */
export function findLongFiles(files: readonly { readonly path: string; readonly text: string }[]): {
  readonly problems: string[];
  readonly warnings: string[];
} {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const { path, text } of files) {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    if (lines > FAIL_LINES) problems.push(`${path}: ${lines} lines; at most ${FAIL_LINES} are allowed: split it`);
    else if (lines > WARN_LINES) warnings.push(`${path}: ${lines} lines; aim at less than ${WARN_LINES}`);
  }
  return { problems, warnings };
}
