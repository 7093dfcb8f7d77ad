import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { getOnce } from '../support/http-client.ts';
import { INSPECT, runInWorker } from '../support/inspector.ts';
import { type Program, startProgram } from '../support/program.ts';
import { startRawBackend } from '../support/raw-backend.ts';
import { until } from '../support/until.ts';

/** A configuration file with a route for each version that was written. */
async function versionedFile(context: TestContext): Promise<{ path: string; write: (version: number) => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-starting-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const backend = await startRawBackend(context, (peer) => peer.answer('ok'));
  const path = join(folder, 'config.yaml');
  const write = (version: number): void =>
    writeFileSync(path, `routes:\n  api: { path: /v${version}, target: "http://127.0.0.1:${backend.port}" }\n`);
  write(0);
  return { path, write };
}

function reloads(program: Program): number {
  return program.log.filter(({ msg }) => /^(configuration reloaded|reload refused)/.test(msg)).length;
}

test('reloads while workers are replaced come to an end, and the replacements serve the last one', async (context) => {
  const { path, write } = await versionedFile(context);
  const program = await startProgram(context, {
    args: ['--config', path],
    env: { RWWWRSE_HOT_RELOAD: 'false', RWWWRSE_WORKERS: '2' },
    nodeFlags: INSPECT,
  });
  let version = 0;
  const reload = async (): Promise<void> => {
    write(++version);
    program.signal('SIGHUP');
    await until(`reload ${version}`, () => reloads(program) >= version);
  };
  // The first one takes longer: it loads what reloads need.
  await reload();
  for (const [before, worker] of ['data-0', 'data-1'].entries()) {
    const killed = runInWorker(program, worker, 'process.exit(1)');
    for (let i = 0; i < 40 && program.logged('worker replaced').length === before; i++) await reload();
    await killed;
    await program.untilLogged('worker replaced', 10_000, before + 1);
  }
  for (let i = 0; i < 20; i++) assert.equal((await getOnce(program.port, `/v${version}`)).status, 200);
  assert.deepEqual(
    program.log.filter(({ msg }) => msg.startsWith('reload refused')),
    [],
  );
});
