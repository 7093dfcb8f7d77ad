import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';

import type { BackendPolicy } from '../../config/resilience-settings.ts';
import { SeriesNames } from './series-names.ts';

const POLICY: BackendPolicy = {
  healthCheck: null,
  passiveHealth: null,
  breaker: null,
  slowStartMs: 0,
  tls: { verify: true, ca: null, certificate: 'cert', key: 's3cr3t 0', serverName: null },
  proxyProtocol: 0,
};

function rotated(round: number): BackendPolicy {
  return { ...POLICY, tls: { ...POLICY.tls, key: `s3cr3t ${round}` } };
}

test('equal policies have one number, and other ones make a backend another one', () => {
  const names = new SeriesNames();
  const first = names.backend('https://a', String(names.policy(POLICY)));
  assert.equal(names.policy({ ...POLICY }), names.policy(POLICY));
  assert.equal(names.backend('https://a', String(names.policy({ ...POLICY }))), first);
  assert.notEqual(names.backend('https://a', String(names.policy(rotated(1)))), first);
});

test('a backend whose certificate is rotated every hour goes on in the same series: there are only so many', () => {
  const names = new SeriesNames();
  const series = names.backendSeries('https://a');
  const other = names.backendSeries('https://b');
  for (let round = 0; round < 100; round++) {
    const index = names.backend('https://a', String(names.policy(rotated(round))));
    assert.equal(names.backendName(index), 'https://a');
    assert.equal(names.backendSeries('https://a'), series);
  }
  assert.equal(names.backendSeries('https://c'), other + 1);
  assert.deepEqual(
    [series, other].map((each) => names.backendLabel(each)),
    ['https://a', 'https://b'],
  );
});

test('keys of certificates that were rotated away are not kept', () => {
  const names = new SeriesNames();
  for (let round = 0; round < 3; round++) names.policy(rotated(round));
  assert.doesNotMatch(inspect(names, { depth: null, maxArrayLength: null }), /s3cr3t/);
});
