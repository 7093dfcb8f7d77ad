import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { parse } from 'yaml';

import { CHECK_KEY_ENTRIES, KEYS, LISTENER_KEY_ENTRIES, ROUTE_KEY_ENTRIES } from '../../src/config/keys.ts';
import type { KeyEntry } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { envNameOf } from '../../src/config/aliases.ts';
import { withoutName } from '../../src/config/file-keys.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { CASE_NAMES, caseFile, loadCase } from './cases.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The file that has every key once; the values are the examples of the reference page. */
const EVERY_KEY = parse(readFileSync(caseFile('every-key-in-yaml', 'config.yaml'), 'utf8')) as Tree;
/** Keys that exclude one in that file, or that a file cannot have, with a value. */
const OTHERS: Tree = {
  config_file: 'other.yaml',
  listeners: [{ name: 'a', address: '127.0.0.1:8081' }],
  'load_balancer.sticky_secret_file': 'secret.txt',
  database_url_file: 'database.txt',
  redis_url_file: 'redis.txt',
  'health.external_api_url_file': 'api.txt',
  'backend_tls.ca_file': 'ca.pem',
  'backend_tls.cert_file': 'client.pem',
  'backend_tls.key_file': 'client.key',
  'checks.url_file': 'api.txt',
};
const FILES: Readonly<Record<string, string>> = {
  'other.yaml': 'timeout: 7s\n',
  'secret.txt': 'abcdefghijklmnopqrstuvwxyz',
  'database.txt': 'postgresql://app:s3cr3t@10.0.0.5/app\n',
  'redis.txt': 'rediss://cache.example.com',
  'api.txt': 'http://10.0.0.6/ping',
  'ca.pem': pem('ca.pem'),
  'client.pem': pem('client.pem'),
  'client.key': pem('client.key'),
};
/** What has to be written beside a key. */
const BESIDE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'backend_tls.cert': { KEY: FILES['client.key'] ?? '' },
  'backend_tls.cert_file': { KEY: FILES['client.key'] ?? '' },
  'backend_tls.key': { CERT: FILES['client.pem'] ?? '' },
  'backend_tls.key_file': { CERT: FILES['client.pem'] ?? '' },
  'last_good.fallback': { PATH: '/var/lib/rwwwrse/last-good.json' },
};

/** What must be set beside a key for it to mean something. */
const CONTEXT: Readonly<Record<string, string>> = {
  RWWWRSE_ROUTES_API_HOST: 'api.example.com',
  RWWWRSE_ROUTES_API_TARGET: 'http://127.0.0.1:1',
  RWWWRSE_CHECKS_MAIL_URL: 'tcp://127.0.0.1:25',
};

function pem(file: string): string {
  return readFileSync(caseFile('every-key-in-yaml', file), 'utf8');
}

/** The variables of {@link BESIDE}, which stand in the block of the key. */
function besides({ key, env }: KeyEntry): Record<string, string> {
  const block = (env ?? '').replace('<NAME>', 'X').replace(/_[A-Z]+(_FILE)?$/, '');
  return Object.fromEntries(Object.entries(BESIDE[key] ?? {}).map(([name, value]) => [`${block}_${name}`, value]));
}

function load(env: Readonly<Record<string, string>>): LoadedConfig {
  const readFile = (path: string): string => {
    if (Object.hasOwn(FILES, path)) return FILES[path] as string;
    throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  };
  const loaded = loadConfig({ flags: {}, env, readFile });
  assert.ok('config' in loaded, 'problems' in loaded ? loaded.problems.map(formatProblem).join('\n') : '');
  return loaded;
}

function valueIn(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((part, name) => (part as Tree | undefined)?.[name], tree);
}

/** A value as a variable holds it. */
function envText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

test('every key of the schema is written in a case that is accepted', () => {
  const written = new Set<string>();
  for (const name of CASE_NAMES) {
    const result = loadCase(name);
    if (!('config' in result)) continue;
    for (const [key, { layer }] of result.origins) if (layer !== 'default') written.add(withoutName(key));
  }
  const keys = [
    ...KEYS.map(({ key }) => key),
    ...ROUTE_KEY_ENTRIES.map(({ key }) => `routes.${key}`),
    ...CHECK_KEY_ENTRIES.map(({ key }) => `checks.${key}`),
  ];
  assert.deepEqual(
    keys.filter((key) => !written.has(key)),
    [],
  );
});

test('every key of a listener is written in a case', () => {
  const { listeners } = parse(readFileSync(caseFile('listeners-every-key', 'config.yaml'), 'utf8')) as {
    listeners: Tree[];
  };
  const written = new Set(listeners.flatMap((listener) => Object.keys(listener)));
  assert.deepEqual(
    LISTENER_KEY_ENTRIES.map(({ key }) => key).filter((key) => !written.has(key)),
    [],
  );
});

for (const entry of KEYS) {
  test(`${entry.key} has an effect, and takes what the reference says to come into effect`, () => {
    const example = OTHERS[entry.key] ?? valueIn(EVERY_KEY, entry.key.split('.'));
    assert.notEqual(example, undefined, 'no example in every-key-in-yaml');
    const value = typeof entry.default === 'boolean' ? !entry.default : example;
    const before = load(CONTEXT);
    const after = load({ ...CONTEXT, ...besides(entry), [entry.env ?? '']: envText(value) });
    assert.equal(after.origins.get(entry.key)?.text, entry.env);
    assert.notDeepEqual(after.config, before.config, 'the resolved configuration is the same');
    if (entry.key === 'config_file') return;
    const isSame = JSON.stringify(after.config.settings) === JSON.stringify(before.config.settings);
    assert.equal(isSame, entry.isReloadable, 'reloadability');
  });
}

for (const entry of ROUTE_KEY_ENTRIES) {
  test(`${entry.key} of a route has an effect`, () => {
    const routes = EVERY_KEY['routes'] as Tree;
    const values = Object.values(routes).map((route) => valueIn(route, entry.key.split('.')));
    const value = values.find((each) => each !== undefined);
    assert.notEqual(value, undefined, 'no example in every-key-in-yaml');
    const base = baseOf(entry);
    const name = (entry.env ?? '').replace('<NAME>', 'X');
    const before = load(base);
    const after = load({ ...base, ...besides(entry), [name]: envText(value) });
    assert.notDeepEqual(after.config.traffic.routes, before.config.traffic.routes);
    assert.deepEqual(after.config.settings, before.config.settings);
  });
}

for (const entry of CHECK_KEY_ENTRIES) {
  test(`${entry.key} of a check has an effect`, () => {
    const checks = Object.values(EVERY_KEY['checks'] as Tree).map((check) => valueIn(check, [entry.key]));
    const value = OTHERS[`checks.${entry.key}`] ?? checks.find((each) => each !== undefined);
    assert.notEqual(value, undefined, 'no example in every-key-in-yaml');
    const base: Record<string, string> = entry.key.startsWith('url')
      ? {}
      : { RWWWRSE_CHECKS_X_URL: 'tcp://10.0.0.1:25' };
    const [before, after] = [base, { ...base, [(entry.env ?? '').replace('<NAME>', 'X')]: envText(value) }].map(load);
    assert.notDeepEqual(after?.config.traffic.dependencies, before?.config.traffic.dependencies);
    assert.deepEqual(after?.config.settings, before?.config.settings);
  });
}

/** A route that the key changes: one with backends, or one that redirects. */
function baseOf({ key }: KeyEntry): Record<string, string> {
  if (key.startsWith('redirect.')) return { RWWWRSE_ROUTES_X_REDIRECT: '{"status":303,"scheme":"http"}' };
  if (key === 'targets' || key === 'target') return {};
  if (key.endsWith('.enabled')) return { RWWWRSE_ROUTES_X_TARGET: 'http://a', [envNameOf(key)]: 'false' };
  if (key === 'backend_tls.verify') return { RWWWRSE_ROUTES_X_TARGET: 'https://a', [envNameOf(key)]: 'false' };
  if (key === 'retry.any_method') return { RWWWRSE_ROUTES_X_TARGET: 'http://a', [envNameOf(key)]: 'true' };
  if (key === 'strip_path') return { RWWWRSE_ROUTES_X_TARGET: 'http://a', RWWWRSE_STRIP_PATH: 'true' };
  if (key === 'ambiguous_path') return { RWWWRSE_ROUTES_X_TARGET: 'http://a', RWWWRSE_AMBIGUOUS_PATH: 'pass' };
  if (key === 'preserve_host') return { RWWWRSE_ROUTES_X_TARGET: 'http://a', RWWWRSE_PRESERVE_HOST: 'false' };
  return key === 'weights'
    ? { RWWWRSE_ROUTES_X_TARGETS: 'http://a,http://b' }
    : { RWWWRSE_ROUTES_X_TARGET: 'http://a' };
}
