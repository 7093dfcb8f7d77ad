import { CONFIG_KEYS } from './schema.ts';

/** Every configuration variable begins with this. */
export const ENV_PREFIX = 'RWWWRSE_';

/** The variable of a key: `log.level` → `RWWWRSE_LOG_LEVEL` (DESIGN.md 1, row 7). */
export function envNameOf(key: string): string {
  return ENV_PREFIX + key.toUpperCase().replaceAll('.', '_');
}

/**
 * The one table of older spellings (SPEC A.1 to A.4, A.11): key → variables, best first. A spelling with the prefix
 * is also taken from YAML by the naming rule: `RWWWRSE_SERVER_PORT` as `server.port`.
 */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  host: ['RWWWRSE_SERVER_HOST'],
  port: ['RWWWRSE_SERVER_PORT', 'PORT'],
  read_timeout: ['RWWWRSE_SERVER_READ_TIMEOUT'],
  write_timeout: ['RWWWRSE_SERVER_WRITE_TIMEOUT'],
  idle_timeout: ['RWWWRSE_SERVER_IDLE_TIMEOUT'],
  trust_proxy: ['RWWWRSE_BEHIND_PROXY', 'RWWWRSE_FORWARDED_HEADERS'],
  'shutdown.timeout': ['RWWWRSE_SERVER_GRACEFUL_TIMEOUT', 'RWWWRSE_GRACEFUL_TIMEOUT'],
  'log.level': ['RWWWRSE_LOGGING_LEVEL'],
  'log.format': ['RWWWRSE_LOGGING_FORMAT'],
  'log.output': ['RWWWRSE_LOGGING_OUTPUT'],
  request_logging: ['RWWWRSE_ACCESS_LOG_ENABLED'],
  'metrics.enabled': ['RWWWRSE_ENABLE_METRICS'],
  debug_mode: ['RWWWRSE_ENABLE_DEBUG'],
  timeout: ['RWWWRSE_BACKENDS_ROUTES_DEFAULT_TIMEOUT'],
  default_backend: ['RWWWRSE_BACKENDS'],
  'pool.max_idle_conns': ['RWWWRSE_MAX_IDLE_CONNS', 'RWWWRSE_BACKENDS_ROUTES_DEFAULT_MAX_IDLE_CONNS'],
  'pool.max_idle_conns_per_host': [
    'RWWWRSE_MAX_IDLE_CONNS_PER_HOST',
    'RWWWRSE_BACKENDS_ROUTES_DEFAULT_MAX_IDLE_PER_HOST',
  ],
  'pool.max_conns_per_host': ['RWWWRSE_MAX_CONNS_PER_HOST'],
  'pool.idle_timeout': ['RWWWRSE_IDLE_CONN_TIMEOUT'],
  'load_balancer.strategy': ['RWWWRSE_LB_STRATEGY', 'RWWWRSE_LB_ALGORITHM'],
  targets: ['RWWWRSE_SAMPLE_APPS'],
  'health_check.enabled': ['RWWWRSE_LB_HEALTH_CHECK_ENABLED'],
  'health_check.interval': ['RWWWRSE_HEALTH_INTERVAL', 'RWWWRSE_LB_HEALTH_CHECK_INTERVAL'],
  'health_check.timeout': ['RWWWRSE_LB_HEALTH_CHECK_TIMEOUT'],
  'health_check.path': ['RWWWRSE_LB_HEALTH_CHECK_PATH'],
  'health_check.unhealthy_threshold': ['RWWWRSE_HEALTH_UNHEALTHY_THRESHOLD'],
  'health_check.healthy_threshold': ['RWWWRSE_HEALTH_HEALTHY_THRESHOLD'],
  database_url: ['DATABASE_URL'],
  database_url_file: ['DATABASE_URL_FILE'],
  redis_url: ['REDIS_URL'],
  redis_url_file: ['REDIS_URL_FILE'],
};

/** A key and the rank of the spelling that named it: 0 = its own name, then the aliases in the order of the table. */
export interface NamedKey {
  readonly key: string;
  readonly rank: number;
}

const BY_ENV_NAME: ReadonlyMap<string, NamedKey> = new Map([
  ...[...CONFIG_KEYS].map((key) => [envNameOf(key), { key, rank: 0 }] as const),
  ...Object.entries(ALIASES).flatMap(([key, names]) =>
    names.map((name, index) => [name, { key, rank: index + 1 }] as const),
  ),
]);

/** The key that a variable names, by its own name or an alias. */
export function keyOfEnvName(name: string): NamedKey | undefined {
  return BY_ENV_NAME.get(name);
}

/** The other variables of a key, best first. */
export function aliasesOf(key: string): readonly string[] {
  return Object.hasOwn(ALIASES, key) ? (ALIASES[key] ?? []) : [];
}

/** All variables with a key, own names first. */
export function knownEnvNames(): Iterable<string> {
  return BY_ENV_NAME.keys();
}
