/** `npm run bench`: builds what is published, installs the Node proxies to compare with, runs the side-by-side comparison. */
import { join } from 'node:path';
import { mirrorEnd, runChild } from './launch/child.mjs';
import { runLauncher } from './launch/fail.mjs';
import { ensurePackages } from './launch/packages.mjs';
import { findPinnedRuntime } from './launch/runtime.mjs';

const root = join(import.meta.dirname, '..');

await runLauncher(async () => {
  await ensurePackages(root, { dev: true, root });
  await ensurePackages(join(root, 'benchmarks/load/peers'), { dev: false, root });
  const node = await findPinnedRuntime(root);
  const built = await runChild(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root });
  if (built.status !== 0) return mirrorEnd(built);
  return mirrorEnd(
    await runChild(node, [join(root, 'benchmarks/load/main.ts'), ...process.argv.slice(2)], { cwd: root }),
  );
});
