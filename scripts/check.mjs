/** `npm run check`: every step runs even when an earlier one fails; the output of a step is shown when it fails. */
import { join } from 'node:path';
import { runChild } from './launch/child.mjs';
import { runLauncher } from './launch/fail.mjs';
import { ensurePackages } from './launch/packages.mjs';
import { findPinnedRuntime } from './launch/runtime.mjs';

const root = join(import.meta.dirname, '..');

/**
 * Generated files that are committed: a script that exits non-zero with `--check` when the file is not what it would write.
 *
 * @type {readonly (readonly [name: string, script: string])[]}
 */
const GENERATED = [
  ['configuration schema', 'scripts/generate-config-schema.ts'],
  ['configuration reference', 'scripts/generate-config-reference.ts'],
  ['error reference', 'scripts/generate-error-reference.ts'],
  ['metrics reference', 'scripts/generate-metrics-reference.ts'],
  ['conformance report', 'tests/conformance/report.ts'],
];

/** @type {readonly (readonly [name: string, ...args: string[]])[]} */
const STEPS = [
  ['format', 'node_modules/oxfmt/bin/oxfmt', '--check'],
  ['lint', 'node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
  ['types', 'node_modules/typescript/bin/tsc', '--noEmit'],
  ['layers', 'scripts/check-layers.ts'],
  ['dead code', 'node_modules/knip/bin/knip.js', '--no-progress'],
  ...GENERATED.map(([name, script]) => /** @type {const} */ ([`generated: ${name}`, script, '--check'])),
];

await runLauncher(async () => {
  await ensurePackages(root, { dev: true, root });
  const node = await findPinnedRuntime(root);
  const failed = [];
  for (const [name, ...args] of STEPS) {
    if (!(await runStep(node, name, args))) failed.push(name);
  }
  process.stdout.write(
    failed.length === 0 ? `check passed: ${STEPS.length} steps\n` : `check failed: ${failed.join(', ')}\n`,
  );
  return failed.length === 0 ? 0 : 1;
});

/**
 * @param {string} node
 * @param {string} name
 * @param {readonly string[]} args
 * @returns {Promise<boolean>} whether the step passed
 */
async function runStep(node, name, args) {
  const startedMs = performance.now();
  const end = await runChild(node, ['--disable-warning=ExperimentalWarning', ...args], { capture: true, cwd: root });
  if (end.signal === 'SIGINT' || end.signal === 'SIGTERM') process.exit(1);
  const hasPassed = end.status === 0;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const output = end.startError?.message ?? end.output.trim();
  const isShown = !hasPassed || /^warning: /m.test(output);
  process.stdout.write(`${hasPassed ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n${isShown ? `${output}\n` : ''}`);
  return hasPassed;
}
