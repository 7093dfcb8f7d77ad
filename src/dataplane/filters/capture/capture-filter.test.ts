import assert from 'node:assert/strict';
import { test } from 'node:test';

import { APPLICATION_LOG } from '../../../../tests/support/log-settings.ts';
import type { ApplicationLogSettings, CaptureSettings } from '../../../config/resolved-config.ts';
import { WorkerLog } from '../../../telemetry/logs/worker-log.ts';
import { BodyTap } from './body-tap.ts';
import { createCaptureFilter } from './capture-filter.ts';

function filterFor(
  level: ApplicationLogSettings['level'],
  capture: Partial<CaptureSettings>,
): readonly string[] | null {
  const settings = { ...APPLICATION_LOG, level, capture: { ...APPLICATION_LOG.capture, ...capture } };
  const filter = createCaptureFilter(settings, new WorkerLog(settings, () => undefined));
  return filter === null ? null : Object.keys(filter);
}

test('nothing runs unless the level is debug and something is switched on; bodies are tapped only when they are shown', () => {
  assert.equal(filterFor('debug', {}), null);
  assert.equal(filterFor('info', { requestBody: true, responseHeaders: true }), null);
  const phases = ['name', 'request', 'response', 'finish'];
  assert.deepEqual(filterFor('debug', { requestHeaders: true })?.toSorted(), phases.toSorted());
  assert.deepEqual(filterFor('debug', { requestBody: true })?.toSorted(), [...phases, 'requestBody'].toSorted());
  assert.deepEqual(filterFor('debug', { responseBody: true })?.toSorted(), [...phases, 'responseBody'].toSorted());
});

test('a tap passes every byte and every pause, and keeps the beginning without half a character', () => {
  const passed: string[] = [];
  const calls: string[] = [];
  const tap = new BodyTap(4);
  tap.connect(
    {
      bodyData: (bytes, start, end) => passed.push(bytes.toString('utf8', start, end)),
      bodyEnd: (trailers) => calls.push(`end ${trailers === null}`),
    },
    { pauseBody: () => calls.push('pause'), resumeBody: () => calls.push('resume') },
  );
  const bytes = Buffer.from('-abcäd-');
  tap.bodyData(bytes, 1, 3);
  tap.pauseBody();
  tap.resumeBody();
  tap.bodyData(bytes, 3, 7);
  tap.bodyEnd(null);
  assert.deepEqual(passed, ['ab', 'cäd']);
  assert.deepEqual(calls, ['pause', 'resume', 'end true']);
  assert.deepEqual([tap.passed, tap.text], [6, 'abc']);
  tap.destroy();
  tap.bodyData(bytes, 0, 1);
  assert.equal(passed.length, 2, 'nothing goes out after the end of the exchange');
});
