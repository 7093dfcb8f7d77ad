import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { getOnce, RawConnection } from '../support/http-client.ts';
import { readMetrics } from '../support/metrics.ts';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type GuideStage, startOther } from './guide-stage.ts';

const OTHER_LOG = '/var/log/rwwwrse/application.log';
const OTHER_ACCESS_LOG = '/var/log/rwwwrse/other.log';
/** Every variable of the guide's two blocks, with another value. */
const OTHER_VALUES = {
  RWWWRSE_METRICS_PATH: '/numbers',
  RWWWRSE_METRICS_INTERVAL: '1s',
  RWWWRSE_DETAILED_METRICS: 'false',
  RWWWRSE_LOG_FORMAT: 'text',
  RWWWRSE_LOG_LEVEL: 'debug',
  RWWWRSE_LOG_OUTPUT: OTHER_LOG,
  RWWWRSE_REQUEST_LOGGING: 'false',
  RWWWRSE_ERROR_STACK_TRACE: 'false',
  RWWWRSE_ACCESS_LOG_PATH: OTHER_ACCESS_LOG,
};
const LOOK_MS = 100;
const MOST_LOOKS = 300;
const INTERVAL_MS = 15_000;

/** Checks that each variable of the guide's two environment blocks does what it says, beside a product with other values. */
export async function testSettings(context: TestContext, stage: GuideStage): Promise<void> {
  const other = await startOther(context, stage, OTHER_VALUES);
  await context.test('line 87: RWWWRSE_METRICS_ENABLED', async (t) => {
    const off = await startOther(t, stage, { RWWWRSE_METRICS_ENABLED: 'false' });
    assert.match((await getOnce(stage.program.port, '/metrics')).body, /^# HELP /);
    assert.equal((await getOnce(off.port, '/metrics')).status, 404);
  });
  await context.test('line 88: RWWWRSE_METRICS_PATH', async () => {
    assert.match((await getOnce(other.port, '/numbers')).body, /^# HELP /);
    assert.equal((await getOnce(other.port, '/metrics')).body, '/metrics\n');
    assert.equal((await getOnce(stage.program.port, '/numbers')).body, '/numbers\n');
  });
  await context.test('line 89: RWWWRSE_METRICS_INTERVAL', () => checkInterval(stage.program, other));
  await context.test('line 90: RWWWRSE_DETAILED_METRICS', async () => {
    for (const { port } of [stage.program, other]) await getOnce(port, '/some/page?secret');
    const series = (path: string): string => `rwwwrse_requests_total{method="GET",path="${path}",status="200"}`;
    assert.equal((await readMetrics(stage.program.port)).get(series('/some/page')), 1);
    const { body } = await getOnce(other.port, '/numbers');
    assert.ok(body.includes(series('/')) && !body.includes('/some/page'), body);
  });
  await context.test('lines 100-102 and 104: the application log', () => checkLog(stage, other));
  await context.test('line 103: RWWWRSE_REQUEST_LOGGING', async () => {
    assert.ok(Number(await stage.shell('wc -l < /var/log/rwwwrse/access.log')) > 0);
    assert.equal(await stage.shell(`cat ${OTHER_ACCESS_LOG} 2>/dev/null || true`), '');
  });
}

/** While the one is sampled every second, the other is sampled every 15: once per so many seconds at most. */
async function checkInterval(slow: Program, fast: Program): Promise<void> {
  const changes = { slow: 0, fast: 0 };
  const last = { slow: await cpuSeconds(slow, '/metrics'), fast: await cpuSeconds(fast, '/numbers') };
  const startedMs = Date.now();
  for (let looks = 0; changes.fast < 4; looks++) {
    assert.ok(looks < MOST_LOOKS, 'RWWWRSE_METRICS_INTERVAL=1s is sampled every second');
    await delay(LOOK_MS);
    const now = { slow: await cpuSeconds(slow, '/metrics'), fast: await cpuSeconds(fast, '/numbers') };
    if (now.slow !== last.slow) changes.slow++;
    if (now.fast !== last.fast) changes.fast++;
    Object.assign(last, now);
  }
  const most = Math.floor((Date.now() - startedMs) / INTERVAL_MS) + 1;
  assert.ok(changes.slow <= most, `${changes.slow} samples instead of ${most} at most`);
}

async function cpuSeconds({ port }: Program, path: string): Promise<string> {
  const { body } = await getOnce(port, path);
  return /^process_cpu_seconds_total (.*)$/m.exec(body)?.[1] ?? assert.fail(body);
}

async function checkLog({ program, shell }: GuideStage, other: Program): Promise<void> {
  for (const { port } of [program, other]) {
    await getOnce(port, '/reset');
    await sendNonsense(port);
  }
  const failed = await until('the failure is logged', () =>
    program.log.find(({ code }) => code === 'backend_reset_before_head'),
  );
  assert.equal(failed.level, 'ERROR');
  assert.match(String(failed.stack), /\n +at /, 'RWWWRSE_ERROR_STACK_TRACE=true');
  for (const line of program.stdout.split('\n').slice(0, -1)) assert.doesNotThrow(() => JSON.parse(line), line);
  assert.equal((await program.untilLogged('slow request')).level, 'WARN');
  const text = await until('all is in the log file', async () => {
    const log = await shell(`cat ${OTHER_LOG}`);
    return /level=ERROR .*backend_reset_before_head/.test(log) && /level=DEBUG /.test(log) ? log : null;
  });
  assert.ok(!program.log.some(({ level }) => level === 'DEBUG'), 'RWWWRSE_LOG_LEVEL=info');
  assert.equal(other.stdout, '', 'RWWWRSE_LOG_OUTPUT');
  assert.match(text, /^time=\S+ level=INFO msg=/m, 'RWWWRSE_LOG_FORMAT=text');
  assert.doesNotMatch(text, / stack=/, 'RWWWRSE_ERROR_STACK_TRACE=false');
}

async function sendNonsense(port: number): Promise<void> {
  const connection = await new RawConnection(port).opened();
  connection.send('NONSENSE\r\n\r\n');
  assert.equal((await connection.answer()).status, 400);
  connection.destroy();
}
