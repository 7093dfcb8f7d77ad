/** `npm run build`: compiles src/ to dist/, without tests, from an empty dist/. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { mirrorEnd, runChild } from './launch/child.mjs';
import { runLauncher } from './launch/fail.mjs';
import { ensurePackages } from './launch/packages.mjs';

const root = join(import.meta.dirname, '..');

await runLauncher(async () => {
  await ensurePackages(root, { dev: true, root });
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return mirrorEnd(await runChild(process.execPath, [tsc, '--project', 'tsconfig.build.json'], { cwd: root }));
});
