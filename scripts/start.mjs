/** `npm start`: installs what is missing, then runs the program from source with the arguments given. */
import { join } from 'node:path';
import { runLauncher } from './launch/fail.mjs';
import { ensurePackages } from './launch/packages.mjs';
import { runProgram } from './launch/program.mjs';
import { findRuntime } from './launch/runtime.mjs';

const root = join(import.meta.dirname, '..');

await runLauncher(async () => {
  await ensurePackages(root, { dev: false, root });
  const node = await findRuntime(root);
  return runProgram({ root, node, args: process.argv.slice(2) });
});
