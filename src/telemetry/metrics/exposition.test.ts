import assert from 'node:assert/strict';
import test from 'node:test';

import { Exposition, labelText } from './exposition.ts';
import type { MetricsFormat } from './formats.ts';

const COUNTER = { name: 'rwwwrse_things_total', type: 'counter', labels: ['a'], help: 'Things\nand \\ more.' } as const;
const COUNTS = [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1];

function page(format: MetricsFormat, write: (exposition: Exposition) => void, prefix = 'rwwwrse_'): string {
  const exposition = new Exposition(format, prefix);
  write(exposition);
  return exposition.end();
}

const counter = (exposition: Exposition): void =>
  exposition.sample(exposition.family(COUNTER), labelText('a', 'x"y\\z\n'), 3);

test('text format: a counter keeps its name everywhere, help and label values are escaped', () => {
  assert.equal(
    page('text', counter),
    '# HELP rwwwrse_things_total Things\\nand \\\\ more.\n# TYPE rwwwrse_things_total counter\n' +
      'rwwwrse_things_total{a="x\\"y\\\\z\\n"} 3\n',
  );
});

test('OpenMetrics: the family of a counter has no _total, its samples have; the page ends with # EOF', () => {
  assert.equal(
    page('openmetrics', counter),
    '# HELP rwwwrse_things Things\\nand \\\\ more.\n# TYPE rwwwrse_things counter\n' +
      'rwwwrse_things_total{a="x\\"y\\\\z\\n"} 3\n# EOF\n',
  );
});

test('buckets are added up, +Inf is the count', () => {
  const text = page('text', (exposition) => exposition.histogram('h', '', { counts: COUNTS, sum: 1.5 }));
  assert.match(text, /^h_bucket\{le="0.001"\} 1\n/);
  assert.match(text, /h_bucket\{le="0.5"\} 1\nh_bucket\{le="1"\} 3\n/);
  assert.match(text, /h_bucket\{le="10"\} 3\nh_bucket\{le="\+Inf"\} 4\nh_sum 1.5\nh_count 4\n$/);
});

test('OpenMetrics writes whole bounds as 1.0', () => {
  const text = page('openmetrics', (exposition) => exposition.histogram('h', 'a="b"', { counts: COUNTS, sum: 1.5 }));
  assert.match(text, /h_bucket\{a="b",le="1.0"\} 3\n/);
  assert.match(text, /h_bucket\{a="b",le="2.5"\} 3\n/);
});

test('a summary has its quantiles, sum and count; what is not known is NaN, what is unlimited +Inf', () => {
  const quantiles = [[0.5, NaN] as const, [1, Infinity] as const];
  const text = page('text', (exposition) => exposition.summary('s', 'a="b"', quantiles, { sum: 2, count: 1 }));
  assert.equal(text, 's{a="b",quantile="0.5"} NaN\ns{a="b",quantile="1"} +Inf\ns_sum{a="b"} 2\ns_count{a="b"} 1\n');
});

test('another prefix renames what begins with rwwwrse_ and nothing else', () => {
  const names = (prefix: string): string =>
    page(
      'text',
      (exposition) => {
        exposition.single({ ...COUNTER, help: '' }, 1);
        exposition.single({ ...COUNTER, name: 'process_things_total', help: '' }, 1);
      },
      prefix,
    );
  assert.match(names('edge_proxy_'), /\nedge_proxy_things_total 1\n.*\n.*\nprocess_things_total 1\n$/);
  assert.match(names(''), /\nthings_total 1\n/);
});
