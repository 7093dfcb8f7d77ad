/** `npm run bench`: installs the Node proxies to compare with, then runs the side-by-side load comparison. */
import { join } from 'node:path';
import { mirrorEnd, runChild } from './launch/child.mjs';
import { runLauncher } from './launch/fail.mjs';
import { ensurePackages } from './launch/packages.mjs';
import { findPinnedRuntime } from './launch/runtime.mjs';

const root = join(import.meta.dirname, '..');

await runLauncher(async () => {
  await ensurePackages(root, { dev: false, root });
  await ensurePackages(join(root, 'benchmarks/load/peers'), { dev: false, root });
  const node = await findPinnedRuntime(root);
  return mirrorEnd(
    await runChild(node, [join(root, 'benchmarks/load/main.ts'), ...process.argv.slice(2)], { cwd: root }),
  );
});
