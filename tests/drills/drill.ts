import type { TestContext } from 'node:test';

/** What a drill needs of whoever runs it: a place to leave what must be undone. */
export interface DrillStage {
  /** Has what `node:test` contexts have for clean-up; drills use nothing else of them. */
  readonly context: TestContext;
  /** Prints a line of progress. */
  readonly tell: (line: string) => void;
}

/** Runs a drill as a script: prints its figures, undoes what it left, and sets the exit status. */
export async function runAsScript(
  run: (stage: DrillStage) => Promise<Readonly<Record<string, unknown>>>,
): Promise<void> {
  const undo: (() => unknown)[] = [];
  const context = { after: (fn: () => unknown) => void undo.push(fn) } as unknown as TestContext;
  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    for (const [name, value] of Object.entries(await run({ context, tell })))
      tell(`${name.padEnd(28)} ${String(value)}`);
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  } finally {
    for (const fn of undo.toReversed()) await fn();
  }
}

/** Value of `--name N` on the command line, or a default. */
export function numberOption(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return otherwise;
  const value = Number(process.argv[at + 1]);
  if (!(value > 0)) throw new Error(`--${name} ${process.argv[at + 1] ?? ''}: a number above 0 expected`);
  return value;
}
