import assert from 'node:assert/strict';
import test from 'node:test';

import { negotiateFormat } from './formats.ts';

const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMETHEUS_3_TEXT_FIRST = 'text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5';

for (const [accept, format, why] of [
  ['', 'text', 'no Accept field'],
  ['*/*', 'text', 'curl'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text', 'a browser'],
  [PROMETHEUS_2, 'openmetrics', 'Prometheus'],
  [PROMETHEUS_3_TEXT_FIRST, 'text', 'a scraper that prefers text'],
  ['application/openmetrics-text', 'openmetrics', 'the name alone'],
  ['Application/OpenMetrics-Text; Version=1.0.0', 'openmetrics', 'names are case-insensitive'],
  ['application/openmetrics-text, text/plain', 'openmetrics', 'both, equally wanted'],
  ['application/openmetrics-text;q=0, */*', 'text', 'refused by name, whatever the wildcard says'],
  ['application/openmetrics-text;q=0', 'text', 'refused, and nothing else wanted'],
  ['application/*', 'openmetrics', 'a wildcard that text does not fit'],
  ['text/*;q=0.2, application/*;q=0.4', 'openmetrics', 'two wildcards'],
  ['application/openmetrics-text;version=9.0.0', 'text', 'a version that does not exist'],
  ['application/openmetrics-text;q=nonsense', 'text', 'a quality that is no number'],
  ['application/json', 'text', 'something that is not offered'],
  ['*/*;q=0.9, text/plain;q=0.1', 'openmetrics', 'the most specific range decides for each'],
] as const) {
  test(`${why}: ${format} (RFC 9110 12.5.1)`, () => assert.equal(negotiateFormat(accept), format));
}
