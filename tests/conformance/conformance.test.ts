import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';

import { fieldValues } from '../support/http1-message.ts';
import { heldNow, readMetrics, sumOf } from '../support/metrics.ts';
import { isRunning } from '../support/processes.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { until } from '../support/until.ts';
import { type ConformanceCase, head, served } from './case.ts';
import { CASES } from './cases/index.ts';
import { startUnderTest, type WireName } from './program.ts';
import { runCase, type Stage } from './run-case.ts';

const NOTHING_HELD = { otherConnections: 0, otherRequests: 0, upstreamActive: 0, upstreamIdle: 0, bufferBytes: 0 };

suite('conformance of hostile clients and backends', { concurrency: 2 }, () => {
  for (const wire of ['handle', 'stream'] as const) {
    test(`over the ${wire} wire`, async (context) => {
      const stage = await setStage(context, wire);
      for (const entry of CASES) {
        await context.test(`${entry.id} ${entry.title} (${entry.rule})`, () => runCase(stage, entry));
      }
      await context.test('the program is alive, holds nothing and met no defect of its own', () => judgeAfter(stage));
    });
  }
});

test('every case has an id of its own, a rule and a title', () => {
  assert.equal(new Set(CASES.map(({ id }) => id)).size, CASES.length);
  for (const { id, rule, title } of CASES) assert.ok(/^[A-Z]{2}-[0-9]{3}$/.test(id) && rule !== '' && title !== '', id);
});

async function setStage(context: TestContext, wire: WireName): Promise<Stage> {
  const backend = new ScriptedBackend();
  context.after(() => backend.close());
  const target = await startUnderTest(context, await backend.start(), wire);
  return { backend, target, via: await learnVia({ backend, target, via: '' }) };
}

/** Reads the Via entry of the program off its first request. */
async function learnVia(stage: Stage): Promise<string> {
  const first: ConformanceCase = {
    id: 'ST-000',
    rule: 'RFC 9110 7.6.3',
    title: 'the first request',
    send: head('GET / HTTP/1.1', 'Host: a.test'),
    expect: served('GET / HTTP/1.1'),
  };
  let via = '';
  const { backend } = stage;
  const settle = backend.settle.bind(backend);
  backend.settle = async (deadlineMs) => {
    via = fieldValues(backend.connections[0]?.reader.messages[0] ?? assert.fail('no request'), 'via')[0] ?? '';
    await settle(deadlineMs);
  };
  await runCase(stage, first);
  backend.settle = settle;
  return via;
}

async function judgeAfter({ target, backend }: Stage): Promise<void> {
  const { program, ports } = target;
  assert.ok(isRunning(program.pid));
  assert.equal(backend.unclaimed, '', 'bytes that reached the backend outside of any case');
  await until('all gauges are back', async () => {
    const held = heldNow(await readMetrics(ports.plain));
    return JSON.stringify(held) === JSON.stringify(NOTHING_HELD);
  });
  assert.equal(sumOf(await readMetrics(ports.plain), 'rwwwrse_internal_defects_total'), 0);
  assert.deepEqual(
    program.errorLines.filter((line) => !line.includes('is not used, since listeners is written')),
    [],
  );
}
