/** `npm test`: installs what is missing, then runs all tests, or those selected by the arguments (see tests/support/run-tests.ts). */
import { join } from 'node:path';
import { mirrorEnd, runChild } from './launch/child.mjs';
import { ensureDebianPackages } from './launch/debian-packages.mjs';
import { runLauncher, tell } from './launch/fail.mjs';
import { ensurePackages } from './launch/packages.mjs';
import { findPinnedRuntime } from './launch/runtime.mjs';

const root = join(import.meta.dirname, '..');

await runLauncher(async () => {
  await ensurePackages(root, { dev: true, root });
  // TEST_NODE runs the tests on another Node than the pinned one, for example the oldest supported.
  const node = process.env['TEST_NODE'] ?? (await findPinnedRuntime(root));
  const missing = await ensureDebianPackages(join(root, 'scripts/debian-packages.txt'));
  for (const { name, program, purpose } of missing) tell(`missing: ${program} (Debian package ${name}): ${purpose}`);
  if (missing.length > 0 && process.env['CI'] === 'true') {
    process.stdout.write('0 passed, 1 failed, 0 skipped\n');
    return 1;
  }
  return mirrorEnd(await runChild(node, ['tests/support/run-tests.ts', ...process.argv.slice(2)], { cwd: root }));
});
