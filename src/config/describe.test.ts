import assert from 'node:assert/strict';
import test from 'node:test';

import { describeConfig } from './describe.ts';
import type { EffectiveValue } from './describe.ts';
import { diffConfigs, needsRestart } from './diff.ts';
import { loadConfig } from './load.ts';
import type { LoadedConfig } from './load.ts';
import { formatProblem } from './problem.ts';

function load(yaml: string, env: Record<string, string> = {}, page = ''): LoadedConfig {
  const readFile = (path: string): string => (path === 'page.html' ? page : yaml);
  const loaded = loadConfig({
    flags: { configFile: 'c.yaml', envFile: undefined, values: {} },
    env,
    readFile: only(readFile),
  });
  assert.ok('config' in loaded, 'problems' in loaded ? loaded.problems.map(formatProblem).join('\n') : '');
  return loaded;
}

/** Files beside the configuration, none in the default places. */
function only(readFile: (path: string) => string): (path: string) => string {
  return (path) => {
    if (!path.startsWith('/etc/')) return readFile(path);
    throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  };
}

function entry(values: readonly EffectiveValue[], key: string): EffectiveValue | undefined {
  return values.find((value) => value.key === key);
}

test('describes every key with its value in one spelling, its origin, and what changes it', () => {
  const values = describeConfig(load('idle_timeout: 90\nstrip_path: yes\n', { RWWWRSE_PORT: '81' }));
  const idle = { key: 'idle_timeout', value: '1m30s', origin: 'c.yaml:1:1', isDefault: false, reloadable: false };
  assert.deepEqual(entry(values, 'idle_timeout'), idle);
  assert.deepEqual(entry(values, 'strip_path')?.value, 'true');
  assert.deepEqual(entry(values, 'port')?.origin, 'RWWWRSE_PORT');
  const pool = { key: 'pool.idle_timeout', value: '1m30s', origin: 'default', isDefault: true, reloadable: true };
  assert.deepEqual(entry(values, 'pool.idle_timeout'), pool);
  assert.equal(entry(values, 'pid_file')?.value, '');
});

test('describes routes with what they wrote and what they take from the defaults', () => {
  const values = describeConfig(
    load('timeout: 7s\nroutes: {b: {target: "http://b"}, a: {host: A, target: "http://a"}}\n'),
  );
  const routes = values.filter(({ key }) => key.startsWith('routes.'));
  assert.deepEqual(
    routes
      .filter(({ key }) => key.startsWith('routes.a.'))
      .map(({ key, value, isDefault }) => [key.slice(9), value, isDefault]),
    [
      ['access_log', 'true', true],
      ['ambiguous_path', 'refuse', true],
      ['circuit_breaker.enabled', 'true', true],
      ['health_check.enabled', 'true', true],
      ['health_check.path', '/health', true],
      ['host', 'a', false],
      ['load_balancer.strategy', 'round_robin', true],
      ['passive_health.enabled', 'true', true],
      ['path', '/', true],
      ['preserve_host', 'true', true],
      ['priority', '0', true],
      ['request_timeout', '0s', true],
      ['retry.max_attempts', '3', true],
      ['slow_start', '0s', true],
      ['strip_path', 'false', true],
      ['target', 'http://a', false],
      ['timeout', '7s', true],
      ['tunnel_idle_timeout', '1h0m0s', true],
      ['websocket', 'true', true],
    ],
  );
  assert.ok(routes.findIndex(({ key }) => key.startsWith('routes.b.')) > 10);
});

test('describes and compares without a secret', () => {
  const yaml = (secret: string): string =>
    `load_balancer: {sticky_secret: ${secret}-0123456789}\nroutes: {a: {target: "http://a", request_headers: {set: {Authorization: ${secret}}}}}\n`;
  const [before, after] = [load(yaml('s3cr3t')), load(yaml('s3cr3t-two'))];
  assert.doesNotMatch(JSON.stringify([describeConfig(before), diffConfigs(before, after)]), /s3cr3t/);
  assert.deepEqual(diffConfigs(before, after), [
    { key: 'load_balancer.sticky_secret', change: 'changed (its value is not shown)', needs: 'reload' },
    { key: 'routes.a.request_headers.set', change: 'changed (its value is not shown)', needs: 'reload' },
  ]);
});

test('finds no difference between spellings, places and written defaults', () => {
  const before = load('idle_timeout: 2m\nroutes: {a: {target: "http://a/", path: /x/}}\n');
  const after = load('', {
    RWWWRSE_IDLE_TIMEOUT: '120',
    RWWWRSE_PORT: '8080',
    RWWWRSE_ROUTES_A_TARGET: 'http://A:80',
    RWWWRSE_ROUTES_A_PATH: '/x',
  });
  assert.deepEqual(diffConfigs(before, after), []);
});

test('tells changed keys, routes that came and went, and what needs a restart', () => {
  const before = load(
    'port: 80\nlog: {level: info}\ntimeout: 1s\nroutes: {a: {host: a, target: "http://a"}, b: {host: b, target: "http://b"}}\n',
  );
  const after = load(
    'port: 81\ntimeout: 2s\nroutes: {b: {host: b, target: "http://c", priority: 5}, c: {host: c, path: /x, target: "http://c"}}\n',
  );
  const changes = diffConfigs(before, after);
  assert.deepEqual(changes, [
    { key: 'port', change: '80 → 81', needs: 'restart' },
    { key: 'timeout', change: '1s → 2s', needs: 'reload' },
    { key: 'routes.a', change: 'removed', needs: 'reload' },
    { key: 'routes.b.target', change: 'http://b → http://c', needs: 'reload' },
    { key: 'routes.b.priority', change: 'not set → 5', needs: 'reload' },
    { key: 'routes.c', change: 'added (c /x)', needs: 'reload' },
  ]);
  assert.ok(needsRestart(changes));
  assert.ok(!needsRestart(changes.slice(1)));
});

test('tells that the content of a file changed', () => {
  const yaml = 'routes: {a: {target: "http://a", error_pages: {404: {file: page.html}}}}\n';
  const changes = diffConfigs(load(yaml, {}, 'one'), load(yaml, {}, 'two'));
  assert.deepEqual(changes, [{ key: 'routes.a', change: 'changed (its value is not shown)', needs: 'reload' }]);
});

test('a loaded configuration with its values crosses to another thread or process', () => {
  const loaded = load('routes: {a: {target: "http://a"}}\n');
  assert.deepEqual(structuredClone(loaded), loaded);
});

test('tells a change of what is not shown: a password in a URL, a certificate of the same length, a secret in a file', () => {
  const yaml = (secret: string): string =>
    `database_url: "postgres://app:${secret}@db/app"\nchecks: {mail: {url: "http://mail/${secret}"}}\n` +
    `load_balancer: {sticky_secret_file: page.html}\nroutes: {a: {target: "http://a", request_headers: {set: {X-Token: ${secret}}}}}\n`;
  const [before, after] = [load(yaml('s3cr3t'), {}, '0123456789abcdef'), load(yaml('s3cr3u'), {}, '0123456789abcdeg')];
  const hidden = { change: 'changed (its value is not shown)', needs: 'reload' };
  assert.deepEqual(diffConfigs(before, after), [
    { key: 'database_url', ...hidden },
    { key: 'load_balancer.sticky_secret', ...hidden },
    { key: 'checks.mail.url', ...hidden },
    { key: 'routes.a.request_headers.set', ...hidden },
  ]);
  assert.deepEqual(diffConfigs(before, load(yaml('s3cr3t'), {}, '0123456789abcdef')), []);
});

test('describes checks behind the keys of the file, and before the routes', () => {
  const values = describeConfig(load('checks: {mail: "tcp://mail:25"}\nroutes: {a: {target: "http://a"}}\n'));
  const keys = values.map(({ key }) => key);
  const place = keys.indexOf('checks.mail.url');
  assert.ok(place > keys.indexOf('request_id.header') && place < keys.findIndex((key) => key.startsWith('routes.')));
  assert.equal(values[place]?.value, 'tcp://***@mail:25/***');
});
