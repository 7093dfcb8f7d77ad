import assert from 'node:assert/strict';
import test from 'node:test';

import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import { parseSamples, SampleSet } from './samples.ts';

test('reads names, labels with escapes, values, and leaves comments and rubbish out', () => {
  const samples = parseSamples(
    '# HELP a b\na 1\nb{x="1",y="q\\"uo\\\\te\\n}"} 2.5e3\n\nc{le="+Inf"} +Inf 1700000000000\n<html>\n# EOF\n',
  );
  assert.deepEqual(
    samples.map(({ name, labels, value }) => [name, Object.fromEntries(labels), String(value)]),
    [
      ['a', {}, '1'],
      ['b', { x: '1', y: 'q"uo\\te\n}' }, '2500'],
      ['c', { le: '+Inf' }, 'NaN'],
    ],
  );
});

test('sums a family and tells 0 from what is not there', () => {
  const set = new SampleSet(parseSamples('rwwwrse_requests_total{status="200"} 2\nrwwwrse_requests_total 3\n'));
  assert.equal(set.sum(CATALOGUE.requests), 5);
  assert.equal(set.sum(CATALOGUE.activeRequests), null);
});

test('finds the own families under another namespace, and those of the process under their own name', () => {
  const text = 'edge_eu_build_info{version="1",node_version="v26"} 1\nedge_eu_requests_total 3\nmemory_usage_bytes 7\n';
  const set = new SampleSet(parseSamples(text));
  assert.equal(set.sum(CATALOGUE.requests), 3);
  assert.equal(set.sum(CATALOGUE.memoryUsage), 7);
});
