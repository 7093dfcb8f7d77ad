import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { RawConnection } from '../support/http-client.ts';
import { processTree } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { COMMANDS, EXPECTED_HEALTH, KEY_METRICS } from './guide-lines.ts';
import { countOf, type GuideStage, sendTraffic, TRAFFIC } from './guide-stage.ts';

const HELD_CONNECTIONS = 7;

/** Runs each command of the guide and checks what it prints. */
export async function testCommands(context: TestContext, stage: GuideStage): Promise<void> {
  await context.test('line 464: the connections of the port are counted', (t) => checkConnections(t, stage));
  await context.test('line 50: /health has the shape that the guide shows', () => checkHealth(stage));
  await context.test('lines 58-62: the database, the cache and the API that the guide shows are checked', (t) =>
    stage.missingDependencies === null ? checkDependencies(stage) : t.skip(stage.missingDependencies),
  );
  await sendTraffic(stage);
  await context.test('lines 374-379: clients with failed logins and unusual patterns are counted exactly', () =>
    checkPatterns(stage),
  );
  await context.test('line 411: slow queries are found, and nothing else', () => checkSlow(stage));
  await context.test('lines 70-79: the key metrics are there with these labels and the right totals', () =>
    checkMetrics(stage),
  );
  await context.test('lines 408, 442, 467: the metrics that the guide greps for are found', () => checkGreps(stage));
  await context.test('line 470: the settings of the pool are listed, and they hold', () => checkPool(stage));
  await context.test('line 414: exactly one process is named rwwwrse, and top shows it', () => checkTop(stage));
}

async function checkConnections(context: TestContext, { program, shell, isPrivate }: GuideStage): Promise<void> {
  const count = async (): Promise<number> => Number(await shell(COMMANDS.connections));
  const listening = Number(await shell('netstat -an | grep :8080 | grep -c LISTEN'));
  assert.ok(listening >= 1);
  if (isPrivate) assert.equal(await count(), listening);
  const clients = Array.from({ length: HELD_CONNECTIONS }, () => new RawConnection(program.port));
  context.after(() => clients.forEach((client) => client.destroy()));
  await Promise.all(clients.map((client) => client.opened()));
  // Both ends of a loopback connection are of this machine.
  const expected = listening + 2 * HELD_CONNECTIONS;
  const held = await count();
  assert.ok(isPrivate ? held === expected : held >= expected, `${held} instead of ${expected}`);
}

async function checkHealth({ shell }: GuideStage): Promise<void> {
  const shown = JSON.parse(EXPECTED_HEALTH) as Record<string, unknown>;
  const body = JSON.parse(await shell(COMMANDS.health)) as Record<string, unknown>;
  assert.deepEqual(Object.keys(body), Object.keys(shown));
  assert.deepEqual([body.status, body.version], [shown.status, shown.version]);
  const shapes = { timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, uptime: /^(?:(?:\d+h)?[0-5]?\dm)?[0-5]?\ds$/ };
  for (const [key, shape] of Object.entries(shapes)) {
    assert.match(String(shown[key]), shape);
    assert.match(String(body[key]), shape);
  }
  assert.ok(Math.abs(Date.parse(String(body.timestamp)) - Date.now()) < 60_000, String(body.timestamp));
  for (const check of Object.values(body.checks as Record<string, unknown>)) assert.equal(check, 'healthy');
}

async function checkDependencies({ shell }: GuideStage): Promise<void> {
  const shown = JSON.parse(EXPECTED_HEALTH) as Record<string, unknown>;
  const body = JSON.parse(await shell(COMMANDS.health)) as Record<string, unknown>;
  assert.equal(JSON.stringify(body.checks), JSON.stringify(shown.checks));
}

/** `uniq -c | sort -nr` of these numbers. */
function ranking(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([name, count]) => `${count} ${name}`);
}

function ranked(printed: string): string[] {
  return printed.split('\n').flatMap((line) => (line === '' ? [] : [line.trim()]));
}

async function checkPatterns({ shell }: GuideStage): Promise<void> {
  const denied = TRAFFIC.filter(({ status }) => status === 401);
  const clients = new Map(denied.flatMap(({ from }) => Object.entries(from)));
  assert.deepEqual(ranked(await shell(COMMANDS.failedLogins)), ranking(clients));
  const errors = TRAFFIC.filter(({ status }) => status >= 400);
  const byTarget = new Map<string, number>();
  for (const { path, from } of errors) {
    for (const count of Object.values(from)) {
      for (let i = 1; i <= count; i++) byTarget.set(`${path}?${i}`, (byTarget.get(`${path}?${i}`) ?? 0) + 1);
    }
  }
  const printed = ranked(await shell(COMMANDS.unusualPatterns));
  assert.deepEqual(printed.toSorted(), ranking(byTarget).toSorted());
  const counts = printed.map((line) => Number.parseInt(line, 10));
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => b - a),
  );
}

async function checkSlow({ shell }: GuideStage): Promise<void> {
  const lines = (await shell(COMMANDS.slowQueries)).split('\n').slice(0, -1);
  assert.equal(lines.length, 1, lines.join('\n'));
  assert.match(lines[0] ?? '', /^127\.0\.0\.1 .*"GET \/slow\?1 HTTP\/1\.1" 200 .* response_time=5\d{3} status=200$/);
}

async function checkMetrics({ shell, backend }: GuideStage): Promise<void> {
  const lines = (await shell(COMMANDS.metrics)).split('\n');
  for (const [, name = '', labels = ''] of KEY_METRICS.matchAll(/^# - (\w+)(?:\{(.*)\})?$/gm)) {
    const series = lines.filter((line) => new RegExp(`^${name}(?:_bucket)?[ {]`).test(line));
    assert.ok(series.length > 0, name);
    const own = (line: string): string =>
      Array.from(line.matchAll(/(\w+)="/g), ([, label]) => label)
        .filter((label) => label !== 'le' && label !== 'quantile')
        .join(',');
    for (const line of series) assert.equal(own(line), labels, line);
  }
  for (const traffic of TRAFFIC) {
    const { path, status } = traffic;
    const total = `rwwwrse_requests_total{method="GET",path="${path}",status="${status}"} ${countOf(traffic)}`;
    const count = `rwwwrse_request_duration_seconds_count{method="GET",path="${path}"} ${countOf(traffic)}`;
    for (const line of [total, count]) assert.ok(lines.includes(line), line);
  }
  const byStatus = Map.groupBy(TRAFFIC, ({ status }) => status);
  for (const [status, traffic] of byStatus) {
    const sum = traffic.reduce((total, each) => total + countOf(each), 0);
    const line = `rwwwrse_backend_requests_total{backend="${backend.url}",status="${status}"} ${sum}`;
    assert.ok(lines.includes(line), line);
  }
}

async function checkGreps({ shell }: GuideStage): Promise<void> {
  const durations = await shell(COMMANDS.requestDuration);
  assert.match(durations, /^rwwwrse_request_duration_seconds_bucket\{method="GET",path="\/slow",le="5"\} 0$/m);
  assert.match(durations, /^rwwwrse_request_duration_seconds_bucket\{method="GET",path="\/slow",le="10"\} 1$/m);
  const memory = await shell(COMMANDS.goMemory);
  for (const name of ['alloc', 'sys', 'heap_alloc', 'heap_sys', 'heap_inuse'])
    assert.match(memory, new RegExp(`^go_memstats_${name}_bytes [1-9]\\d*$`, 'm'));
  await until('all connections to the backend are idle again', async () => {
    const connections = await shell(COMMANDS.backendConnections);
    const count = (state: string): number =>
      Number(new RegExp(`^rwwwrse_backend_connections\\{.*state="${state}"\\} (\\d+)$`, 'm').exec(connections)?.[1]);
    return count('active') === 0 && count('pending') === 0 && count('idle') > 0;
  });
}

async function checkPool({ shell, backend }: GuideStage): Promise<void> {
  const listed = (await shell(COMMANDS.poolSettings)).trim().split('\n');
  assert.deepEqual(listed.toSorted(), ['RWWWRSE_POOL_IDLE_TIMEOUT=75s', 'RWWWRSE_POOL_MAX_CONNS_PER_HOST=50']);
  const limit = `rwwwrse_backend_connections_limit{backend="${backend.url}"} 50\n`;
  assert.ok((await shell(COMMANDS.backendConnections)).includes(limit));
}

async function checkTop({ shell, terminal, program }: GuideStage): Promise<void> {
  assert.equal(await shell('pgrep rwwwrse'), `${program.pid}\n`);
  assert.deepEqual(
    processTree(program.pid).map(({ pid, name }) => ({ pid, name })),
    [{ pid: program.pid, name: 'rwwwrse' }],
  );
  assert.match(await terminal(COMMANDS.top, 'q'), /top - \d\d:\d\d:\d\d/);
  const list = await shell(COMMANDS.top.replace('top', 'top -b -n1'));
  const row = list.split('\n').find((line) => line.trim().startsWith(`${program.pid} `));
  assert.match(row ?? list, / rwwwrse$/);
}
