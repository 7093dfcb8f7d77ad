import assert from 'node:assert/strict';
import test from 'node:test';

import { loadConfig } from '../../src/config/load.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';

/** One key of SPEC A.1 to A.4: its variables, the own one first; a value, another one for the conflict, and what it resolves to. */
interface NamedKey {
  readonly names: string;
  readonly value: string;
  readonly other: string;
  readonly seen: (loaded: LoadedConfig['config']) => unknown;
  readonly effect: unknown;
}

const main = ({ settings }: LoadedConfig['config']) => settings.listeners[0];
const route = ({ traffic }: LoadedConfig['config']) => traffic.routes[0];
const check = (config: LoadedConfig['config']) => route(config)?.backends.healthCheck;
const dependency = ({ traffic }: LoadedConfig['config']) => traffic.dependencies[0]?.url;
const urls = ({ traffic }: LoadedConfig['config']): string[] => traffic.defaultBackend.map(({ url }) => url);

function row(names: string, values: readonly [string, string], effect: unknown, seen: NamedKey['seen']): NamedKey {
  return { names, value: values[0], other: values[1], effect, seen };
}

const NAMES: readonly NamedKey[] = [
  row('HOST SERVER_HOST', ['127.0.0.1', '::1'], '127.0.0.1', (c) => {
    const address = main(c)?.address;
    return address?.kind === 'tcp' ? address.host : null;
  }),
  row('PORT SERVER_PORT =PORT', ['8123', '8124'], 8123, (c) => {
    const address = main(c)?.address;
    return address?.kind === 'tcp' ? address.port : null;
  }),
  row('READ_TIMEOUT SERVER_READ_TIMEOUT', ['5s', '6s'], 5_000, (c) => main(c)?.timeouts.requestReadMs),
  row('READ_HEADER_TIMEOUT', ['5s', '6s'], 5_000, (c) => main(c)?.timeouts.headerReadMs),
  row('WRITE_TIMEOUT SERVER_WRITE_TIMEOUT', ['5s', '6s'], 5_000, (c) => main(c)?.timeouts.writeMs),
  row('IDLE_TIMEOUT SERVER_IDLE_TIMEOUT', ['5s', '6s'], 5_000, (c) => main(c)?.timeouts.idleMs),
  row('TIMEOUT BACKENDS_ROUTES_DEFAULT_TIMEOUT', ['5s', '6s'], 5_000, (c) => c.traffic.upstream.responseTimeoutMs),
  row('MAX_HEADER_BYTES', ['32768', '2048'], 32_768, (c) => main(c)?.limits.headBytes),
  row(
    'SHUTDOWN_TIMEOUT SERVER_GRACEFUL_TIMEOUT GRACEFUL_TIMEOUT',
    ['60s', '1s'],
    60_000,
    (c) => c.settings.shutdownTimeoutMs,
  ),
  row('SHUTDOWN_DELAY', ['7s', '1s'], 7_000, (c) => c.settings.shutdownDelayMs),
  row('PID_FILE', ['/run/r.pid', '/x'], '/run/r.pid', (c) => c.settings.pidFile),
  row(
    'TRUST_PROXY BEHIND_PROXY FORWARDED_HEADERS',
    ['10.0.0.0/8', 'true'],
    ['10.0.0.0/8'],
    (c) => main(c)?.trustedProxies,
  ),
  row('REQUEST_ID_HEADER', ['X-Id', 'X-B'], 'X-Id', (c) => c.traffic.requestId.header),
  row('REQUEST_ID_ENABLED', ['false', 'true'], false, (c) => c.traffic.requestId.enabled),
  row('REQUEST_ID_GENERATOR', ['uuid', 'counter'], 'uuid', (c) => c.traffic.requestId.generator),
  row('DEBUG_MODE ENABLE_DEBUG', ['true', 'false'], true, (c) => c.traffic.endpoints.debugEnabled),
  row('LOG_LEVEL LOGGING_LEVEL', ['debug', 'warn'], 'debug', (c) => c.settings.log.level),
  row('LOG_FORMAT LOGGING_FORMAT', ['console', 'json'], 'text', (c) => c.settings.log.format),
  row(
    'LOG_OUTPUT LOGGING_OUTPUT',
    ['/var/log/rwwwrse/app.log', 'stderr'],
    '/var/log/rwwwrse/app.log',
    (c) => c.settings.log.output,
  ),
  row('REQUEST_LOGGING ACCESS_LOG_ENABLED', ['false', 'true'], false, (c) => c.settings.accessLog.enabled),
  row('ACCESS_LOG_PATH', ['/a.log', '/b.log'], '/a.log', (c) => c.settings.accessLog.path),
  row('ACCESS_LOG_FORMAT', ['json', 'combined'], 'json', (c) => c.settings.accessLog.format),
  row('ERROR_STACK_TRACE', ['true', 'false'], true, (c) => c.settings.log.stackTrace),
  row('LOG_REQUEST_HEADERS', ['true', 'false'], true, (c) => c.settings.log.capture.requestHeaders),
  row('LOG_RESPONSE_HEADERS', ['true', 'false'], true, (c) => c.settings.log.capture.responseHeaders),
  row('LOG_REQUEST_BODY', ['true', 'false'], true, (c) => c.settings.log.capture.requestBody),
  row('LOG_RESPONSE_BODY', ['true', 'false'], true, (c) => c.settings.log.capture.responseBody),
  row('LOG_TIMESTAMP', ['false', 'true'], false, (c) => c.settings.log.timestamp),
  row('LOG_CALLER', ['true', 'false'], true, (c) => c.settings.log.caller),
  row('HEALTH_ENABLED', ['false', 'true'], false, (c) => c.traffic.endpoints.healthEnabled),
  row('HEALTH_PATH', ['/status', '/h'], '/status', (c) => c.traffic.endpoints.healthPath),
  row('READINESS_PATH', ['/r', '/h'], '/r', (c) => c.traffic.endpoints.readinessPath),
  row('READINESS_REQUIRE_BACKENDS', ['false', 'true'], false, (c) => c.traffic.endpoints.readinessRequiresBackends),
  row('LIVENESS_PATH', ['/l', '/h'], '/l', (c) => c.traffic.endpoints.livenessPath),
  row('METRICS_ENABLED ENABLE_METRICS', ['false', 'true'], false, (c) => c.traffic.endpoints.metricsEnabled),
  row('METRICS_PATH', ['/m', '/n'], '/m', (c) => c.traffic.endpoints.metricsPath),
  row('METRICS_INTERVAL', ['5s', '6s'], 5_000, (c) => c.traffic.endpoints.metricsIntervalMs),
  row('DETAILED_METRICS', ['true', 'false'], true, (c) => c.traffic.endpoints.detailedMetrics),
  row('METRICS_PORT', ['0', '1'], 1, (c) => c.settings.listeners.length),
  row('METRICS_NAMESPACE', ['edge', 'x'], 'edge_', (c) => c.traffic.endpoints.metricsPrefix),
  row('METRICS_SUBSYSTEM', ['proxy', 'x'], 'rwwwrse_proxy_', (c) => c.traffic.endpoints.metricsPrefix),
  row('ROUTES_API_HOST', ['www.example.com', 'a'], 'www.example.com', (c) => route(c)?.match.host),
  row('ROUTES_API_PATH ROUTES_API_PATH_PREFIX', ['/v1', '/v2'], '/v1', (c) => route(c)?.match.path.value),
  row(
    'ROUTES_API_TARGET BACKENDS_ROUTES_API_URL',
    ['http://b', 'http://c'],
    'http://b',
    (c) => route(c)?.targets[0]?.url,
  ),
  row('ROUTES_API_TIMEOUT', ['5s', '6s'], 5_000, (c) => route(c)?.timeoutMs),
  row('ROUTES_API_STRIP_PATH', ['true', 'false'], true, (c) => route(c)?.stripPath),
  row('DEFAULT_BACKEND BACKENDS', ['http://a,http://b', 'http://c'], ['http://a', 'http://b'], urls),
  row('TEST_BACKENDS', ['http://a,http://b', 'http://c'], ['http://a', 'http://b'], urls),
  row('HOST_FILTER', ['a.example.com', 'b'], ['a.example.com'], (c) => c.traffic.defaultHosts),
  row('STRIP_PATH', ['true', 'false'], true, (c) => route(c)?.stripPath),
  row('PRESERVE_HOST', ['false', 'true'], false, (c) => c.traffic.upstream.preserveHost),
  row(
    'LOAD_BALANCER_STRATEGY LB_STRATEGY LB_ALGORITHM',
    ['ip_hash', 'least_conn'],
    'ip_hash',
    (c) => c.traffic.defaultBalancing.strategy,
  ),
  row('BACKENDS_ROUTES', ['{"b":{"url":"http://b"}}', '{}'], 'b', (c) => c.traffic.routes[1]?.name),
  row('TARGETS SAMPLE_APPS', ['{"b":{"backends":["http://b"]}}', '{}'], 'b', (c) => c.traffic.routes[1]?.name),
  row(
    'POOL_MAX_IDLE_CONNS MAX_IDLE_CONNS BACKENDS_ROUTES_DEFAULT_MAX_IDLE_CONNS',
    ['7', '8'],
    7,
    (c) => c.traffic.upstream.maxIdleConnections,
  ),
  row(
    'POOL_MAX_IDLE_CONNS_PER_HOST MAX_IDLE_CONNS_PER_HOST BACKENDS_ROUTES_DEFAULT_MAX_IDLE_PER_HOST',
    ['7', '8'],
    7,
    (c) => c.traffic.upstream.maxIdlePerBackend,
  ),
  row('POOL_MAX_CONNS_PER_HOST MAX_CONNS_PER_HOST', ['7', '8'], 7, (c) => c.traffic.upstream.maxPerBackend),
  row('POOL_IDLE_TIMEOUT IDLE_CONN_TIMEOUT', ['7s', '8s'], 7_000, (c) => c.traffic.upstream.idleTimeoutMs),
  row('POOL_DIAL_TIMEOUT', ['7s', '8s'], 7_000, (c) => c.traffic.upstream.connectTimeoutMs),
  row('PROXY_PROTOCOL', ['true', 'false'], true, (c) => main(c)?.proxyProtocol),
  row('HOT_RELOAD', ['false', 'true'], false, (c) => c.settings.reload.watch),
  row('HEALTH_CHECK_ENABLED LB_HEALTH_CHECK_ENABLED', ['false', 'true'], undefined, (c) => check(c)?.kind),
  row(
    'HEALTH_CHECK_INTERVAL HEALTH_INTERVAL LB_HEALTH_CHECK_INTERVAL',
    ['5s', '6s'],
    5_000,
    (c) => check(c)?.intervalMs,
  ),
  row('HEALTH_CHECK_TIMEOUT LB_HEALTH_CHECK_TIMEOUT', ['5s', '6s'], 5_000, (c) => check(c)?.timeoutMs),
  row('HEALTH_CHECK_PATH LB_HEALTH_CHECK_PATH', ['/h?x=1', '/i'], '/h?x=1', (c) => check(c)?.path),
  row(
    'HEALTH_CHECK_UNHEALTHY_THRESHOLD HEALTH_UNHEALTHY_THRESHOLD',
    ['5', '6'],
    5,
    (c) => check(c)?.unhealthyThreshold,
  ),
  row('HEALTH_CHECK_HEALTHY_THRESHOLD HEALTH_HEALTHY_THRESHOLD', ['5', '6'], 5, (c) => check(c)?.healthyThreshold),
  row('RETRY_ENABLED', ['false', 'true'], 1, (c) => route(c)?.retry.attempts),
  row('RETRY_MAX_ATTEMPTS', ['5', '6'], 5, (c) => route(c)?.retry.attempts),
  row('RETRY_INITIAL_INTERVAL', ['1s', '2s'], 1_000, (c) => route(c)?.retry.initialIntervalMs),
  row('RETRY_MAX_INTERVAL', ['10s', '11s'], 10_000, (c) => route(c)?.retry.maxIntervalMs),
  row('RETRY_MULTIPLIER', ['2.5', '3'], 2.5, (c) => route(c)?.retry.multiplier),
  row('CIRCUIT_BREAKER_ENABLED', ['false', 'true'], null, (c) => route(c)?.backends.breaker),
  row('CIRCUIT_BREAKER_THRESHOLD', ['7', '8'], 7, (c) => route(c)?.backends.breaker?.threshold),
  row('CIRCUIT_BREAKER_TIMEOUT', ['7s', '8s'], 7_000, (c) => route(c)?.backends.breaker?.openMs),
  row('CIRCUIT_BREAKER_MAX_REQUESTS', ['7', '8'], 7, (c) => route(c)?.backends.breaker?.maxTrials),
  row('ROUTES_API_RETRIES', ['7', '8'], 8, (c) => route(c)?.retry.attempts),
  row('ROUTES_API_RETRY_MAX_ATTEMPTS ROUTES_API_RETRY_ATTEMPTS', ['7', '8'], 7, (c) => route(c)?.retry.attempts),
  row('ROUTES_API_HEALTH_CHECK_PATH ROUTES_API_HEALTH_PATH', ['/a', '/b'], '/a', (c) => check(c)?.path),
  row('ROUTES_API_HEALTH_CHECK_INTERVAL ROUTES_API_HEALTH_INTERVAL', ['5s', '6s'], 5_000, (c) => check(c)?.intervalMs),
  row('ROUTES_API_WEBSOCKET', ['false', 'true'], false, (c) => route(c)?.upgrades),
  row('DATABASE_URL =DATABASE_URL', ['postgres://a/b', 'postgres://c/d'], 'postgres://a/b', dependency),
  row('REDIS_URL =REDIS_URL', ['redis://a', 'redis://b'], 'redis://a', dependency),
  row('HEALTH_EXTERNAL_API_URL', ['https://a/ping', 'https://b'], 'https://a/ping', dependency),
];

/** Names of SPEC A.1 to A.8 whose features come in later versions. */
const LATER = (
  'HTTPS_PORT SERVER_HTTPS_PORT HTTP2_ENABLED READ_BUFFER_SIZE WRITE_BUFFER_SIZE ' +
  'COMPRESSION_ENABLED ENABLE_COMPRESSION COMPRESSION_LEVEL COMPRESSION_MIN_SIZE COMPRESSION_TYPES ' +
  'AUDIT_ENABLED AUDIT_LOG_PATH AUDIT_EVENTS PROFILING_ENABLED ENABLE_PROFILING PROFILING_PORT PROFILE_PORT CPU_PROFILE ' +
  'MEM_PROFILE BLOCK_PROFILE ENABLE_TLS ' +
  'TLS_ENABLED TLS_CERT_FILE TLS_KEY_FILE TLS_CERT_KEY_PASSWORD SSL_DIR TLS_CERT_DIR TLS_AUTO_CERT TLS_EMAIL TLS_DOMAINS ' +
  'CORS_ENABLED ENABLE_CORS SECURITY_CORS_ENABLED RATE_LIMIT_ENABLED RATE_LIMIT RATELIMIT_BURST_SIZE HSTS_ENABLED ' +
  'FRAME_OPTIONS CONTENT_TYPE_NOSNIFF XSS_PROTECTION REFERRER_POLICY CONTENT_SECURITY_POLICY API_KEY SECURITY_API_KEYS ' +
  'AUTH_SECRET SERVICE_ACCOUNT_TOKEN CACHE_ENABLED FEATURE_FLAGS_ENABLED AB_TESTING_ENABLED'
)
  .split(' ')
  .filter((name) => !takenNames().has(name));

/** Names of the table above: a later name that got its feature is proven there. */
function takenNames(): ReadonlySet<string> {
  return new Set(NAMES.flatMap(({ names }) => names.split(' ')));
}

/** Own names stand without their prefix, others behind a `=`. */
function variable(name: string): string {
  return name.startsWith('=') ? name.slice(1) : `RWWWRSE_${name}`;
}

/** What a route needs for its keys, unless they are what is tried. */
const ROUTE: Readonly<Record<string, string>> = {
  RWWWRSE_ROUTES_API_HOST: 'api.example.com',
  RWWWRSE_ROUTES_API_TARGET: 'http://a',
  RWWWRSE_DEFAULT_BACKEND: 'http://d',
};

function load(env: Readonly<Record<string, string>>): LoadedConfig {
  const readFile = (): string => {
    throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  };
  const loaded = loadConfig({ flags: {}, env, readFile });
  assert.ok('config' in loaded, 'problems' in loaded ? loaded.problems.map(formatProblem).join('\n') : '');
  return loaded;
}

for (const { names, value, other, seen, effect } of NAMES) {
  const [own = '', ...aliases] = names.split(' ').map(variable);
  const context = Object.fromEntries(Object.entries(ROUTE).filter(([name]) => name !== own));

  test(`${own} and its aliases have the effect of SPEC A`, () => {
    assert.notDeepEqual(seen(load(ROUTE).config), effect, 'the default is no proof');
    for (const name of [own, ...aliases])
      assert.deepEqual(seen(load({ ...context, [name]: value }).config), effect, name);
  });

  for (const alias of aliases) {
    test(`${own} counts before ${alias}, and the conflict is told once without values`, () => {
      const loaded = load({ ...context, [own]: value, [alias]: other });
      assert.deepEqual(seen(loaded.config), effect);
      const lines = loaded.warnings.map(formatProblem).filter((line) => line.includes('both set and differ'));
      assert.equal(lines.length, 1);
      assert.ok(lines[0]?.includes(`${own} and ${alias} are both set and differ; ${own} counts`), lines.join());
      const same = load({ ...context, [own]: value, [alias]: value });
      const differing = same.warnings.map(formatProblem).filter((line) => line.includes('differ'));
      assert.deepEqual(differing, []);
    });
  }
}

test('every name of a later feature is told as such in one line', () => {
  const env = Object.fromEntries(LATER.map((name) => [variable(name), 'topsecret']));
  const lines = load(env).warnings.map(formatProblem);
  assert.equal(lines.length, 1, lines.join('\n'));
  assert.match(lines[0] ?? '', /not effective in this version$/);
  for (const name of LATER) assert.ok(lines[0]?.includes(variable(name)), name);
  assert.ok(!lines[0]?.includes('topsecret'));
});

test('names that are only put into compose files are none of the program', () => {
  const names = ['LOG_LEVEL', 'BACKENDS_ROUTES', 'RATE_LIMIT_RPS', 'CORS_ORIGINS', 'API_SERVICE_URL', 'RWWWRSE_IMAGE'];
  const before = load({});
  const after = load(Object.fromEntries(names.map((name) => [name, 'x'])));
  assert.deepEqual(after.config, before.config);
  assert.deepEqual(after.warnings, []);
});
