import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { startHeldBackend } from '../support/held-backend.ts';
import { INSPECT, runInWorker } from '../support/inspector.ts';
import { Load } from '../support/load.ts';
import { heldNow, readMetrics, sumOf } from '../support/metrics.ts';
import { startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';

test('probe', async (t) => {
  const backend = await startHeldBackend(t);
  const program = await startProgram(t, { nodeFlags: INSPECT, env: { RWWWRSE_DEFAULT_BACKEND: backend.url, RWWWRSE_POOL_IDLE_TIMEOUT: '1s' } });
  const load = new Load(program.port, 50);
  await until('load', () => load.total > 500);
  for (const code of [process.env.CODE!]) {
    const at = Date.now();
    await runInWorker(program, 'data-0', code);
    await program.untilLogged('worker replaced', 15000);
    console.log('replaced after', Date.now() - at);
    const n = load.total;
    await until('more load', () => load.total > n + 500);
  }
  await load.stop();
  console.log(load.answers, load.losses.length, load.losses.filter((l) => l.inFlight).length, new Set(load.losses.map((l) => l.worker + l.errorCode)), load.refused, load.wrong, backend.requests);
  console.log(program.stdout, program.stderr);
  const m = await readMetrics(program.port);
  console.log(sumOf(m, 'rwwwrse_requests_total'), heldNow(m));
});
