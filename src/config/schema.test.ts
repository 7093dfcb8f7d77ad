import assert from 'node:assert/strict';
import test from 'node:test';

import { z } from 'zod';

import { envNameOf, keyOfEnvName, knownEnvNames } from './aliases.ts';
import { isIgnoredName, isLaterName } from './ignored-names.ts';
import { CONFIG_KEYS, configSchema } from './schema.ts';

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly default?: unknown;
}

const root = z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema;

/** Schema of a key such as `log.level`. */
function schemaOf(key: string): JsonSchema | undefined {
  return key.split('.').reduce<JsonSchema | undefined>((schema, name) => schema?.properties?.[name], root);
}

test('every key has a description, and a default unless its absence means something', () => {
  const without = [...CONFIG_KEYS].filter((key) => schemaOf(key)?.default === undefined);
  assert.deepEqual(without, [
    'config_file',
    'pid_file',
    'database_url',
    'database_url_file',
    'redis_url',
    'redis_url_file',
    'backends_routes',
    'targets',
    'health.external_api_url',
    'health.external_api_url_file',
    'load_balancer.sticky_cookie',
    'load_balancer.sticky_secret',
    'load_balancer.sticky_secret_file',
    'health_check.host',
    'health_check.expected_status',
    'health_check.expected_body',
    'backend_tls.ca',
    'backend_tls.ca_file',
    'backend_tls.cert',
    'backend_tls.cert_file',
    'backend_tls.key',
    'backend_tls.key_file',
    'backend_tls.server_name',
    'last_good.path',
    'listeners',
  ]);
  for (const key of CONFIG_KEYS) assert.match(schemaOf(key)?.description ?? '', /^[A-Z].*\.$/s, key);
});

test('no two keys have the same variable, and no alias is the variable of a key', () => {
  const names = [...knownEnvNames()];
  assert.equal(new Set([...CONFIG_KEYS].map(envNameOf)).size, CONFIG_KEYS.size);
  for (const key of CONFIG_KEYS) assert.deepEqual(keyOfEnvName(envNameOf(key)), { key, rank: 0 });
  for (const name of names) assert.ok(CONFIG_KEYS.has(keyOfEnvName(name)?.key ?? ''), name);
});

test('no known name is also ignored or of a later version', () => {
  for (const name of knownEnvNames()) {
    const rest = name.replace(/^RWWWRSE_/, '');
    assert.ok(!isIgnoredName(rest, '1') && !isLaterName(rest), name);
  }
});
