import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadConfig } from '../load.ts';
import type { ResolvedConfig } from '../resolved-config.ts';

function load(env: Readonly<Record<string, string>>): ReturnType<typeof loadConfig> {
  const readFile = (path: string): never => {
    throw Object.assign(new Error(path), { code: 'ENOENT' });
  };
  return loadConfig({ flags: {}, env, readFile });
}

function settingsOf(env: Readonly<Record<string, string>>): ResolvedConfig['settings'] {
  const loaded = load(env);
  assert.ok('config' in loaded, JSON.stringify(loaded));
  return loaded.config.settings;
}

test('both logs have the defaults that docs/logging.md tells', () => {
  const { accessLog, log } = settingsOf({});
  assert.deepEqual(accessLog, {
    enabled: true,
    path: '/var/log/rwwwrse/access.log',
    format: 'combined',
    fields: [],
    sample: 1,
    excludePaths: [],
    rotation: { maxBytes: 0, keep: 7 },
  });
  assert.deepEqual(
    [log.slowRequestMs, log.capture.bodyLimitBytes, log.requests, log.timestamp],
    [1_000, 4_096, false, true],
  );
});

test('the names of SPEC A.2 reach their settings', () => {
  const { accessLog, log } = settingsOf({
    RWWWRSE_ACCESS_LOG_FORMAT: 'json',
    RWWWRSE_ACCESS_LOG_FIELDS: 'status,path',
    RWWWRSE_ACCESS_LOG_SAMPLE: '0.25',
    RWWWRSE_ACCESS_LOG_EXCLUDE_PATHS: '/health/,/',
    RWWWRSE_ACCESS_LOG_MAX_SIZE: '10',
    RWWWRSE_LOG_TIMESTAMP: 'false',
    RWWWRSE_LOG_CALLER: 'true',
    RWWWRSE_LOG_REQUEST_HEADERS: 'true',
    RWWWRSE_LOG_RESPONSE_HEADERS: 'true',
    RWWWRSE_LOG_REQUEST_BODY: 'true',
    RWWWRSE_LOG_RESPONSE_BODY: 'true',
    RWWWRSE_LOG_REDACT: 'x-acme-*',
  });
  assert.deepEqual(
    [accessLog.format, accessLog.fields, accessLog.sample, accessLog.excludePaths, accessLog.rotation.maxBytes],
    ['json', ['status', 'path'], 0.25, ['/health', '/'], 4_096],
  );
  assert.deepEqual([log.timestamp, log.caller, log.redact], [false, true, ['x-acme-*']]);
  assert.deepEqual(Object.values(log.capture), [true, true, true, true, 4_096]);
});

test('a wrong share, field, path or name is refused with its key', () => {
  const wrong: readonly (readonly [string, string, string])[] = [
    ['RWWWRSE_ACCESS_LOG_SAMPLE', '1.5', 'access_log.sample'],
    ['RWWWRSE_ACCESS_LOG_SAMPLE', '-0', 'access_log.sample'],
    ['RWWWRSE_ACCESS_LOG_FIELDS', 'statsu', 'access_log.fields'],
    ['RWWWRSE_ACCESS_LOG_EXCLUDE_PATHS', 'health', 'access_log.exclude_paths'],
    ['RWWWRSE_LOG_REDACT', '(', 'log.redact'],
    ['RWWWRSE_LOG_REDACT', '*', 'log.redact'],
    ['RWWWRSE_LOG_BODY_LIMIT', '2MiB', 'log.body_limit'],
  ];
  for (const [name, value, key] of wrong) {
    const loaded = load({ [name]: value });
    assert.ok('problems' in loaded, `${name}=${value}`);
    assert.ok(
      loaded.problems.some((problem) => problem.key.startsWith(key)),
      JSON.stringify(loaded.problems),
    );
  }
});
