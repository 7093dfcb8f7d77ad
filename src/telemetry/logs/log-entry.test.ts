import assert from 'node:assert/strict';
import { test } from 'node:test';

import { APPLICATION_LOG } from '../../../tests/support/log-settings.ts';
import type { ApplicationLogSettings, LogLevel } from '../../config/resolved-config.ts';
import { createEntry, formatEntry, isWritten, type LogValues } from './log-entry.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

function line(change: Partial<ApplicationLogSettings>, level: LogLevel, values: LogValues = {}): string {
  const settings = { ...APPLICATION_LOG, ...change };
  return formatEntry({ ...createEntry(settings, level, ['a message', values], 1), timeMs: AT }, settings);
}

test('levels are written from the lowest on', () => {
  const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
  for (const [rank, lowest] of levels.entries())
    assert.deepEqual(
      levels.filter((level) => isWritten(level, lowest)),
      levels.slice(rank),
    );
});

test('a line is one JSON object, or key=value text in which no value can forge a pair or a line', () => {
  const values = { n: 1, none: null, list: ['a b'], text: 'x=1 y\nlevel=ERROR', plain: 'a/b' };
  assert.equal(
    line({}, 'info', values),
    `${JSON.stringify({ time: '2026-01-02T03:04:05.006Z', level: 'INFO', msg: 'a message', ...values })}\n`,
  );
  assert.equal(
    line({ format: 'text' }, 'info', values),
    'time=2026-01-02T03:04:05.006Z level=INFO msg="a message" n=1 none=null list="[\\"a b\\"]" ' +
      'text="x=1 y\\nlevel=ERROR" plain=a/b\n',
  );
});

test('the time can be left out; the severity has the words of Google Cloud', () => {
  assert.equal(line({ timestamp: false }, 'info'), '{"level":"INFO","msg":"a message"}\n');
  const severity = (level: LogLevel): string =>
    String((JSON.parse(line({ severity: true, level: 'debug' }, level)) as Record<string, unknown>).severity);
  assert.deepEqual(
    [severity('debug'), severity('info'), severity('warn'), severity('error')],
    ['DEBUG', 'INFO', 'WARNING', 'ERROR'],
  );
});

test('a line names its place in the program when that is asked for', () => {
  assert.match(line({ caller: true }, 'info'), /"caller":"logs\/log-entry\.test\.ts:\d+"/);
  assert.doesNotMatch(line({}, 'info'), /caller/);
});

test('with stack traces every error has one, without them none has but its place (S51)', () => {
  const parse = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
  const { stack } = new Error('broken');
  assert.equal(parse(line({ stackTrace: true }, 'error', { stack })).stack, stack);
  assert.match(String(parse(line({ stackTrace: true }, 'error')).stack), /^a message\n +at .*log-entry\.test/s);
  assert.equal(parse(line({ stackTrace: true }, 'warn')).stack, undefined);
  const without = parse(line({}, 'error', { stack }));
  assert.equal(without.stack, undefined);
  assert.match(String(without.at), /^logs\/log-entry\.test\.ts:\d+$/);
  assert.deepEqual(parse(line({}, 'error', { stack: ['a', 'b'] })).stack, ['a', 'b'], 'frames found by the watchdog');
});
