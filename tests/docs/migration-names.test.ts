import assert from 'node:assert/strict';
import test from 'node:test';

import { CATALOGUE } from '../../src/base/errors/catalogue.ts';
import type { BalancingStrategy } from '../../src/config/route-settings.ts';
import { CONFIG_KEYS } from '../../src/config/schema.ts';
import { ROUTE_BLOCKS, ROUTE_KEYS } from '../../src/config/sections/routes.ts';
import { cellsOf, readPage } from './markdown.ts';

const PAGES = ['docs/migration-nginx.md', 'docs/migration-caddy.md', 'docs/migration-traefik.md'];
const CODES = Object.keys(CATALOGUE);
const STRATEGIES: readonly BalancingStrategy[] = ['round_robin', 'random_two', 'consistent_hash'];

test('every key and metric that the pages name exists', () => {
  const keys = new Set([...CONFIG_KEYS, ...ROUTE_KEYS, ...ROUTE_BLOCKS, ...STRATEGIES, ...CODES, 'hash_on']);
  const metrics = readPage('docs/metrics-reference.md').text;
  for (const path of PAGES) {
    const { prose } = readPage(path);
    for (const [name] of prose.matchAll(/\brwwwrse_\w+/g)) assert.ok(metrics.includes(`\`${name}\``), name);
    const named = prose.split('\n').flatMap((line) => namedKeysIn(cellsOf(line) ?? []));
    for (const key of named) assert.ok(keys.has(key), `${path}: ${key}`);
    assert.ok(named.length >= 8);
  }
});

/** Keys in the second cell of a row that is no request: words with an underscore or a dot, and what stands before a colon. */
function namedKeysIn([first = '', own = '']: readonly string[]): string[] {
  if (/^`[A-Z]+ /.test(first)) return [];
  const quoted = Array.from(own.matchAll(/`([a-z][a-z_.]*)(?:: [^`]*)?`/g), ([, key = '']) => key);
  return quoted.filter((key) => /[_.]/.test(key) && !key.startsWith('rwwwrse_'));
}
