import assert from 'node:assert/strict';
import test from 'node:test';

import { envLayer } from './layers/env-layer.ts';
import { yamlLayer } from './layers/yaml-layer.ts';
import { loadConfig } from './load.ts';
import type { LoadedConfig } from './load.ts';
import { formatProblem } from './problem.ts';

/** Loads from files in memory; a file that is an error code cannot be read. */
function load(
  files: Record<string, string | { code: string }>,
  env: Record<string, string> = {},
): ReturnType<typeof loadConfig> {
  const readFile = (path: string): string => {
    const file = files[path] ?? { code: 'ENOENT' };
    if (typeof file === 'string') return file;
    throw Object.assign(new Error(`${file.code}: ${path}`), { code: file.code });
  };
  const configFile = Object.hasOwn(files, 'c.yaml') ? 'c.yaml' : undefined;
  return loadConfig({ flags: { configFile }, env, readFile });
}

/** The configuration, which must have been accepted. */
function accepted(result: ReturnType<typeof loadConfig>): LoadedConfig {
  assert.ok('config' in result, 'problems' in result ? result.problems.map(formatProblem).join('\n') : '');
  return result;
}

/** The errors in lines. */
function refused(result: ReturnType<typeof loadConfig>): string[] {
  return 'problems' in result ? result.problems.map(formatProblem) : ['(accepted)'];
}

test('gives plain data, frozen in its depths, that a thread can be sent', () => {
  const { config } = accepted(load({ 'c.yaml': 'routes: {a: {target: "http://a"}}' }));
  assert.deepEqual(structuredClone(config), config);
  const isDeepFrozen = (value: unknown): boolean =>
    typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isDeepFrozen));
  assert.ok(isDeepFrozen(config));
});

test('two loads share no mutable part and give the same result', () => {
  assert.deepEqual(accepted(load({}, { PORT: '1' })).config.settings.listeners[0]?.address, {
    kind: 'tcp',
    host: '0.0.0.0',
    port: 1,
    ipv6Only: false,
  });
  assert.deepEqual(accepted(load({})).config, accepted(load({})).config);
});

test('a missing file in a default place is nothing, an unreadable one is an error', () => {
  accepted(load({ '/etc/rwwwrse/config.yaml': { code: 'ENOENT' }, '/etc/rwwwrse/config.env': { code: 'ENOTDIR' } }));
  assert.deepEqual(
    refused(load({ '/etc/rwwwrse/config.yaml': { code: 'EACCES' }, '/etc/rwwwrse/rwwwrse.env': { code: 'EISDIR' } })),
    [
      'error: env_file (/etc/rwwwrse/rwwwrse.env): cannot read "/etc/rwwwrse/rwwwrse.env": it is a folder',
      'error: config_file (/etc/rwwwrse/config.yaml): cannot read "/etc/rwwwrse/config.yaml": this user may not read it',
    ],
  );
});

test('a named file must exist, and default places are not looked at beside it', () => {
  const files = { 'c.yaml': { code: 'ENOENT' }, '/etc/rwwwrse/config.yaml': 'nonsense: 1' };
  assert.deepEqual(refused(load(files)), [
    'error: config_file (--config): cannot read "c.yaml": there is no such file',
  ]);
});

test('a flag names the configuration file before the environment does', () => {
  const { origins } = accepted(load({ 'c.yaml': 'port: 1' }, { RWWWRSE_CONFIG_FILE: 'd.yaml' }));
  assert.equal(origins.get('port')?.text, 'c.yaml:1:1');
  assert.equal(origins.get('config_file')?.text, '--config');
});

test('keys named like parts of every object are unknown keys like others', () => {
  const text =
    '__proto__: {port: 1}\nconstructor: 2\nlog: {__proto__: 3}\nroutes: {__proto__: {target: "http://a"}, toString: {}}';
  assert.deepEqual(refused(load({ 'c.yaml': text })), [
    'error: __proto__ (c.yaml:1:1): is not a known key',
    'error: constructor (c.yaml:2:1): is not a known key',
    'error: log.__proto__ (c.yaml:3:7): is not a known key',
    'error: routes (c.yaml:4:10): "__proto__" is not a route name; allowed: lower-case letters, digits and _, at most 63',
    'error: routes (c.yaml:4:43): "toString" is not a route name; allowed: lower-case letters, digits and _, at most 63; did you mean tostring?',
  ]);
  assert.equal(Object.hasOwn(Object.prototype, 'port'), false);
});

test('a route called like a part of every object is a route', () => {
  const { config } = accepted(load({ 'c.yaml': 'routes: {constructor: {host: a, target: "http://a"}}' }));
  assert.equal(config.traffic.routes[0]?.name, 'constructor');
});

test('reads ten thousand routes, each with its place', () => {
  const lines = Array.from(
    { length: 10_000 },
    (_, index) => `  r${index}: {host: h${index}.example, target: "http://b:${index + 1}"}`,
  );
  const { config, origins } = accepted(load({ 'c.yaml': `routes:\n${lines.join('\n')}\n` }));
  assert.equal(config.traffic.routes.length, 10_000);
  assert.equal(origins.get('routes.r9999.host')?.text, 'c.yaml:10001:11');
});

test('refuses ten thousand routes with all their mistakes, each with its place', () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `  r${index}:\n    targt: http://b\n    timeout: 5x\n`);
  const errors = refused(load({ 'c.yaml': `routes:\n${lines.join('')}` }));
  assert.equal(errors.length, 20_000);
  const duration = '"5x" is not a duration; allowed: like 30s, 1h30m, 300ms or whole seconds';
  assert.deepEqual(errors.slice(-2), [
    `error: routes.r9999.timeout (c.yaml:30001:5): ${duration}`,
    'error: routes.r9999.targt (c.yaml:30000:5): is not a known key; did you mean routes.r9999.target?',
  ]);
});

test('reads more checks than the stack could hold, in YAML and as JSON', () => {
  const count = 130_000;
  const yaml = Array.from({ length: count }, (_, index) => `  c${index}: tcp://h:1\n`).join('');
  assert.equal(yamlLayer('c.yaml', `checks:\n${yaml}`).entries.length, count);
  const json = Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, 'tcp://h:1']));
  assert.equal(envLayer({ RWWWRSE_CHECKS: JSON.stringify(json) }).entries.length, count);
});

test('hasBackends is false until a route or a default backend is configured', () => {
  assert.equal(accepted(load({})).hasBackends, false);
  assert.equal(accepted(load({}, { RWWWRSE_DEFAULT_BACKEND: 'http://a' })).hasBackends, true);
  assert.equal(accepted(load({}, { RWWWRSE_ROUTES_A_TARGET: 'http://a' })).hasBackends, true);
});

test('an error of reading that is none of the file system is not hidden', () => {
  const readFile = (): string => {
    throw new TypeError('defect');
  };
  assert.throws(() => loadConfig({ flags: {}, env: {}, readFile }), TypeError);
});

test('a file that is nested beyond all measure is refused in words', () => {
  for (const depth of [500, 1_000, 2_000, 5_000, 100_000]) {
    const lines = refused(load({ 'c.yaml': `${'['.repeat(depth)}${']'.repeat(depth)}` }));
    assert.equal(lines.length, 1, String(depth));
    if (depth === 100_000) assert.match(lines[0] ?? '', /^error: config_file \(c\.yaml.*\): is nested too deeply$/);
  }
});
