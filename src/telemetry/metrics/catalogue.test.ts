import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { CATALOGUE } from './catalogue.ts';
import type { MetricFamily } from './metric-family.ts';

const FAMILIES: readonly MetricFamily[] = Object.values(CATALOGUE);

test('names are unique, and only counters end with _total (Prometheus naming, OpenMetrics 1.0.0)', () => {
  assert.equal(new Set(FAMILIES.map(({ name }) => name)).size, FAMILIES.length);
  for (const { name, type } of FAMILIES) assert.equal(name.endsWith('_total'), type === 'counter', name);
});

test('the names that the Operations Guide promises have exactly the labels that it promises (SPEC D.1)', () => {
  const promised = [
    'rwwwrse_requests_total{method,path,status}',
    'rwwwrse_request_duration_seconds{method,path}',
    'rwwwrse_active_connections{}',
    'rwwwrse_backend_requests_total{backend,status}',
    'rwwwrse_backend_response_time{backend}',
    'rwwwrse_backend_connections{backend,state}',
    'rwwwrse_backend_connections_limit{backend}',
    'rwwwrse_requests_per_second{}',
    'go_memstats_alloc_bytes{}',
    'go_memstats_sys_bytes{}',
    'go_goroutines{}',
    'cpu_usage_seconds_total{}',
    'memory_usage_bytes{}',
  ];
  const names = new Set(FAMILIES.map(({ name, labels }) => `${name}{${labels.join(',')}}`));
  for (const name of promised) assert.ok(names.has(name), name);
});

test('docs/metrics.md names no metric that there is not', () => {
  const names = new Set(FAMILIES.map(({ name }) => name));
  const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const named = Array.from(page.matchAll(/`((?:rwwwrse|go|process|cpu|memory)_\w+)/g), ([, name = '']) => name);
  assert.ok(named.length > 15);
  for (const name of named) assert.ok(names.has(name) || name.endsWith('_'), name);
});
