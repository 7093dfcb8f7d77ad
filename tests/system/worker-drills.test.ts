import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { startHeldBackend } from '../support/held-backend.ts';
import { getOnce } from '../support/http-client.ts';
import { INSPECT, runInWorker } from '../support/inspector.ts';
import { Load } from '../support/load.ts';
import { heldNow, readMetrics, sumOf } from '../support/metrics.ts';
import { type Program, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';

const CLIENTS = 50;
const NOTHING_HELD = { otherConnections: 0, otherRequests: 0, upstreamActive: 0, upstreamIdle: 0, bufferBytes: 0 };

/** A program with 2 workers under load, which both of them serve. */
async function startUnderLoad(context: TestContext): Promise<{ program: Program; load: Load }> {
  const backend = await startHeldBackend(context);
  const program = await startProgram(context, {
    nodeFlags: INSPECT,
    env: { RWWWRSE_DEFAULT_BACKEND: backend.url, RWWWRSE_POOL_IDLE_TIMEOUT: '1s' },
  });
  const load = new Load(context, program.port, CLIENTS);
  await until('both workers serve', () => load.answers.size === 2 && load.total > 500);
  return { program, load };
}

/** Waits until a worker that is none of the first two answers new connections. */
async function untilReplacementServes(program: Program, load: Load): Promise<number> {
  const before = new Set(load.answers.keys());
  let sent = 0;
  await until('the replacement answers new connections', async () => {
    const { head, status } = await getOnce(program.port, '/new');
    assert.equal(status, 200);
    sent++;
    const worker = /\r\nx-request-id: ([0-9a-f]{20})/i.exec(head)?.[1] ?? '';
    return !before.has(worker);
  });
  return sent;
}

/** Everything a drill must leave behind: the same process, exact counters, and no held value of the dead worker. */
async function assertNothingIsLeft(program: Program, load: Load, sentBeside: number): Promise<void> {
  const counted = sumOf(await readMetrics(program.port), 'rwwwrse_requests_total', 'path="/"');
  const answered = load.total + sentBeside;
  const unanswered = load.losses.filter(({ inFlight }) => inFlight).length;
  assert.ok(
    counted >= answered && counted <= answered + unanswered,
    `counted ${counted}: not ${answered} answers and at most ${unanswered} requests that were lost on the way`,
  );
  await until('all held values are zero', async () => {
    const held = heldNow(await readMetrics(program.port));
    return JSON.stringify(held) === JSON.stringify(NOTHING_HELD);
  });
  assert.equal(program.child.exitCode, null);
  assert.equal(load.refused, 0, 'connections refused');
  assert.equal(load.wrong, 0, 'answers other than 200');
}

/** Only connections of one worker may be lost, each once. */
function assertOneWorkersLoss(load: Load): void {
  const workers = new Set(load.losses.map(({ worker }) => worker));
  assert.equal(workers.size, 1, `losses of ${workers.size} workers: ${JSON.stringify(load.losses)}`);
  assert.ok(load.losses.length <= CLIENTS, `${load.losses.length} losses`);
  assert.ok(!workers.has(''), 'a connection that a living worker should have taken was lost');
}

test('a worker that is killed costs its own connections only; its counters stay, a replacement listens', async (context) => {
  const { program, load } = await startUnderLoad(context);
  await runInWorker(program, 'data-0', 'process.exit(1)');
  const died = await program.untilLogged('worker died');
  assert.deepEqual([died.worker, died.exit_code], [0, 1]);
  await program.untilLogged('worker replaced');
  const sentBeside = await untilReplacementServes(program, load);
  await load.stop();
  assertOneWorkersLoss(load);
  await assertNothingIsLeft(program, load, sentBeside);
  assert.equal(sumOf(await readMetrics(program.port), 'rwwwrse_worker_restarts_total'), 1);
});

test('a spinning worker is found, its blocking function is named, and the others serve on meanwhile', async (context) => {
  const { program, load } = await startUnderLoad(context);
  await runInWorker(program, 'data-1', '(function drillSpin() { for (;;); })()');
  const answeredBefore = load.total;
  const report = await program.untilLogged('a worker does not respond');
  assert.ok(load.total > answeredBefore + 200, 'the other worker stood still, too');
  assert.equal(report.worker, 1);
  assert.equal(report.blocking_function, 'drillSpin');
  await program.untilLogged('worker replaced');
  const sentBeside = await untilReplacementServes(program, load);
  await load.stop();
  assertOneWorkersLoss(load);
  await assertNothingIsLeft(program, load, sentBeside);
});

test('a spinning worker is replaced although its stack cannot be taken', async (context) => {
  const code = `
    import inspector from 'node:inspector';
    import { syncBuiltinESMExports } from 'node:module';
    inspector.Session = class { constructor() { throw new Error('no inspector'); } };
    syncBuiltinESMExports();`;
  const program = await startProgram(context, {
    nodeFlags: [...INSPECT, '--import', `data:text/javascript,${encodeURIComponent(code)}`],
  });
  await runInWorker(program, 'data-1', 'for (;;);');
  const report = await program.untilLogged('a worker does not respond');
  assert.deepEqual([report.worker, report.blocking_function], [1, 'unknown']);
  await program.untilLogged('worker replaced');
});

test('a worker that waits in a call which can be interrupted is replaced in the same process', async (context) => {
  const { program, load } = await startUnderLoad(context);
  await runInWorker(
    program,
    'data-0',
    '(function drillWait() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); })()',
  );
  const report = await program.untilLogged('a worker does not respond');
  assert.equal(report.blocking_function, 'drillWait');
  await program.untilLogged('worker replaced');
  const sentBeside = await untilReplacementServes(program, load);
  await load.stop();
  assertOneWorkersLoss(load);
  await assertNothingIsLeft(program, load, sentBeside);
});

for (const [what, code] of [
  ['throw', 'throw new Error("drill")'],
  ['rejected promise', 'void Promise.reject(new Error("drill"))'],
] as const) {
  test(`a ${what} outside every fence: the worker drains and is replaced, not one request is lost`, async (context) => {
    const { program, load } = await startUnderLoad(context);
    await runInWorker(program, 'data-0', code);
    const defect = await program.untilLogged('internal defect');
    assert.equal(defect.error, 'drill');
    assert.match(String(defect.at), /:\d+$/);
    await program.untilLogged('worker replaced');
    const sentBeside = await untilReplacementServes(program, load);
    const [first, second] = [...load.answers.keys()];
    const answersOf = (worker: string | undefined): number => load.answers.get(worker ?? '') ?? 0;
    await until('the defective worker has drained and its clients are with the others', async () => {
      const before = [answersOf(first), answersOf(second)];
      const total = load.total;
      await until('the load goes on', () => load.total > total + 300);
      return answersOf(first) === before[0] || answersOf(second) === before[1];
    });
    await load.stop();
    assert.deepEqual(load.losses, []);
    await assertNothingIsLeft(program, load, sentBeside);
    assert.equal(sumOf(await readMetrics(program.port), 'rwwwrse_internal_defects_total'), 1);
  });
}

test('a worker whose heap is full dies alone (resourceLimits)', async (context) => {
  const { program, load } = await startUnderLoad(context);
  // Steps of 8 MB: past the limit Node grants 16 MB until the worker has ended, and V8 aborts the process on a larger step.
  await runInWorker(program, 'data-0', 'const all = []; for (;;) all.push(new Array(1_000_000).fill(0.5))');
  const failed = await program.untilLogged('worker failed', 30_000);
  assert.match(String(failed.error), /memory limit/);
  await program.untilLogged('worker replaced');
  const sentBeside = await untilReplacementServes(program, load);
  await load.stop();
  assertOneWorkersLoss(load);
  await assertNothingIsLeft(program, load, sentBeside);
});

test('workers that die again and again are replaced with growing delays', async (context) => {
  const program = await startProgram(context, { nodeFlags: INSPECT });
  for (let death = 1; death <= 4; death++) {
    await runInWorker(program, 'data-1', 'process.exit(7)');
    await program.untilLogged('worker replaced', 10_000, death);
  }
  assert.equal(program.logged('worker died').length, 4);
  const waits = program.logged('workers die again and again; the next one waits');
  assert.deepEqual(
    waits.map(({ delay_ms }) => delay_ms),
    [500],
  );
});
