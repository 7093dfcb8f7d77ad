import assert from 'node:assert/strict';
import { test } from 'node:test';

import { APPLICATION_LOG } from '../../../tests/support/log-settings.ts';
import { until } from '../../../tests/support/until.ts';
import type { LogEntry } from './log-entry.ts';
import { WorkerLog } from './worker-log.ts';

test('entries of one turn go out together, those below the level not at all', async () => {
  const sent: (readonly LogEntry[])[] = [];
  const log = new WorkerLog({ ...APPLICATION_LOG, level: 'warn' }, (entries) => sent.push(entries));
  log.write('info', 'left out', {});
  log.write('warn', 'one', { a: 1 });
  log.write('error', 'two', {});
  assert.deepEqual([log.writes('info'), log.writes('error')], [false, true]);
  await until('entries', () => sent.length > 0);
  assert.deepEqual(
    sent.map((entries) => entries.map(({ level, message, values }) => [level, message, values])),
    [
      [
        ['warn', 'one', { a: 1 }],
        ['error', 'two', {}],
      ],
    ],
  );
});

test('a burst is cut to a thousand entries a second, and the number of the others is told', async (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 10_000 });
  const sent: LogEntry[] = [];
  const log = new WorkerLog(APPLICATION_LOG, (entries) => sent.push(...entries));
  for (let i = 0; i < 1_500; i++) log.write('warn', 'burst', {});
  context.mock.timers.tick(1_000);
  log.write('warn', 'after', {});
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(sent.filter(({ message }) => message === 'burst').length, 1_000);
  assert.deepEqual(
    sent.slice(1_000).map(({ message, values }) => [message, values]),
    [
      ['log lines were left out', { lines: 500, limit_per_second: 1_000 }],
      ['after', {}],
    ],
  );
});
