import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { INSPECT, runInWorker } from '../support/inspector.ts';
import { metricValue } from '../support/metrics.ts';
import { startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';

/** Lets every worker that is born while the file exists fail to read a route, as one does that finds another version on the disk. */
function birthControl(context: TestContext): { flags: readonly string[]; forbid: () => void; allow: () => void } {
  const file = join(createFolder(context), 'forbidden');
  const code = `
    import { existsSync } from 'node:fs';
    import { isMainThread, threadName } from 'node:worker_threads';
    if (!isMainThread && threadName.startsWith('data-') && existsSync(${JSON.stringify(file)})) {
      const parse = JSON.parse;
      JSON.parse = (text) => {
        const value = parse(text);
        if (value?.targets !== undefined) throw new Error('drill');
        return value;
      };
    }`;
  return {
    flags: ['--import', `data:text/javascript,${encodeURIComponent(code)}`],
    forbid: () => writeFileSync(file, ''),
    allow: () => rmSync(file),
  };
}

const ENV = { RWWWRSE_DEFAULT_BACKEND: 'http://127.0.0.1:1' };

test('a worker that cannot take the configuration which runs is told, counted, and tried again until one can', async (context) => {
  const { flags, forbid, allow } = birthControl(context);
  const program = await startProgram(context, { nodeFlags: [...INSPECT, ...flags], env: ENV });
  forbid();
  await runInWorker(program, 'data-1', 'process.exit(1)');
  const told = await program.untilLogged('a worker cannot take the configuration that runs');
  assert.deepEqual([told.level, told.worker, told.reason], ['ERROR', 1, 'drill']);
  await program.untilLogged('workers die again and again; the next one waits');
  await until('the next one waits', async () => (await metricValue(program.port, 'rwwwrse_workers')) === 1);
  assert.ok((await metricValue(program.port, 'rwwwrse_worker_restarts_total')) >= 4);
  allow();
  await program.untilLogged('worker replaced');
  assert.equal(await metricValue(program.port, 'rwwwrse_workers'), 2);
});

test('a start whose workers cannot take the configuration ends with the reason', async (context) => {
  const { flags, forbid } = birthControl(context);
  forbid();
  const program = await startProgram(context, { nodeFlags: flags, env: ENV, awaitReady: false });
  assert.deepEqual(await program.ended(), { code: 1, signal: null });
  assert.match(program.stderr, /^rwwwrse: worker \d cannot take the configuration: drill$/m);
});

test('a worker that cannot be started is tried again as one that died', async (context) => {
  const file = join(createFolder(context), 'forbidden');
  // As where the system has no thread left (pids.max, RLIMIT_NPROC).
  const code = `
    import { existsSync } from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    import threads from 'node:worker_threads';
    const { Worker } = threads;
    threads.Worker = class extends Worker {
      constructor(...parts) {
        if (existsSync(${JSON.stringify(file)})) throw Object.assign(new Error('no thread'), { code: 'ERR_WORKER_INIT_FAILED' });
        super(...parts);
      }
    };
    syncBuiltinESMExports();`;
  const program = await startProgram(context, {
    nodeFlags: [...INSPECT, '--import', `data:text/javascript,${encodeURIComponent(code)}`],
    env: ENV,
  });
  writeFileSync(file, '');
  await runInWorker(program, 'data-0', 'process.exit(1)');
  await program.untilLogged('a worker cannot be started');
  await program.untilLogged('workers die again and again; the next one waits');
  assert.equal(await metricValue(program.port, 'rwwwrse_workers'), 1);
  rmSync(file);
  await program.untilLogged('worker replaced');
  assert.equal(await metricValue(program.port, 'rwwwrse_workers'), 2);
});
