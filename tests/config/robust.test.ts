import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { describeConfig } from '../../src/config/describe.ts';
import { CHECK_KEY_ENTRIES, KEYS, ROUTE_KEY_ENTRIES } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';

const RUNS = 300;
const NAMES = [
  ...KEYS.flatMap(({ env, aliases }) => [env ?? '', ...aliases]),
  ...ROUTE_KEY_ENTRIES.map(({ env }) => (env ?? '').replace('<NAME>', 'A_REDIRECT')),
  ...CHECK_KEY_ENTRIES.map(({ env }) => (env ?? '').replace('<NAME>', 'A')),
  'RWWWRSE_CHECKS',
  'RWWWRSE_HEALTH_CHECK',
  'RWWWRSE_RETRY',
  'RWWWRSE_ROUTES_A_RETRY',
  'RWWWRSE_ROUTES_A_REDIRECT',
  'RWWWRSE_ROUTES_A_HOST',
  'RWWWRSE_BACKENDS_ROUTES_A_B_URL',
];
const ODD = [
  '',
  ' ',
  '0',
  '-1',
  '[]',
  '{}',
  '[[]]',
  '{"a":{}}',
  '{"a\\nb":{"c\\nd":1}}',
  '{"a":{"url":[]}}',
  '[{"request":1}]',
  'null',
  '"x"',
  '[null]',
  '{"a":null}',
  '\0',
  '\u{1f4a9}',
  'a,b',
  'http://a',
  '*',
  '/',
  'true',
  '{"__proto__":{"x":1}}',
  '[{"name":"a","address":"1:1"}]',
];
const text = fc.oneof(fc.constantFrom(...ODD), fc.string({ maxLength: 20 }), fc.json({ maxDepth: 3 }));

function missing(): string {
  throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
}

test('no environment makes the loader throw, hang or write a message of several lines', () => {
  const env = fc.dictionary(fc.constantFrom(...NAMES), text, { maxKeys: 12 });
  fc.assert(
    fc.property(env, (variables) => {
      const loaded = loadConfig({ flags: {}, env: variables, readFile: missing });
      const problems = [...('problems' in loaded ? loaded.problems : []), ...loaded.warnings];
      for (const line of problems.map(formatProblem)) assert.ok(!/[\r\n\0]/.test(line), JSON.stringify(line));
    }),
    { numRuns: RUNS },
  );
});

test('no value of any key in a file makes the loader throw', () => {
  const keys = [
    ...KEYS.map(({ key }) => key),
    ...ROUTE_KEY_ENTRIES.map(({ key }) => `routes.a.${key}`),
    ...CHECK_KEY_ENTRIES.map(({ key }) => `checks.a.${key}`),
    'checks',
    'checks.a',
    'retry',
    'retry.budget',
    'health_check',
    'routes.a.retry',
  ];
  const file = fc.tuple(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(file, ([key, value]) => {
      const tree = key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
      const readFile = (path: string): string => (path === 'c.yaml' ? JSON.stringify(tree) : missing());
      const loaded = loadConfig({ flags: { configFile: 'c.yaml' }, env: {}, readFile });
      assert.ok('config' in loaded || loaded.problems.length > 0);
    }),
    { numRuns: RUNS },
  );
});

test('no store of secrets makes the loader throw, and nothing of one is shown', () => {
  const SECRET = 'topsecret';
  const values = fc.oneof(
    fc.constantFrom(...ODD.filter((odd) => odd.trim() !== '')).map((odd) => `${odd}${SECRET}`),
    fc.constantFrom(SECRET, `http://${SECRET}`, `["${SECRET}"]`, `/${SECRET}`, `${SECRET},${SECRET}`),
  );
  const stores = fc.dictionary(fc.constantFrom(...NAMES), values, { minKeys: 1, maxKeys: 12 });
  fc.assert(
    fc.property(stores, (secrets) => {
      const doppler = { kind: 'read', place: 'p/c', secrets } as const;
      const listFolder = (): string[] => Object.keys(secrets);
      const readFile = (path: string): string => {
        const name = path.startsWith('creds/') ? path.slice('creds/'.length) : '';
        return secrets[name] ?? missing();
      };
      const base = { RWWWRSE_DEFAULT_BACKEND: 'http://a' };
      for (const source of [
        { env: base, doppler },
        { env: { ...base, CREDENTIALS_DIRECTORY: 'creds' }, listFolder },
      ]) {
        const loaded = loadConfig({ flags: {}, readFile, ...source });
        const problems = [...('problems' in loaded ? loaded.problems : []), ...loaded.warnings];
        const shown = 'config' in loaded ? JSON.stringify(describeConfig(loaded)) : '';
        const lines = `${problems.map(formatProblem).join('\n')}\n${shown}`;
        assert.ok(!lines.toLowerCase().includes(SECRET), lines);
      }
    }),
    { numRuns: RUNS },
  );
});
