/** SPEC A.9: names that describe the platform to people. */
const PLATFORM_NAMES: ReadonlySet<string> = new Set(
  (
    'INGRESS_CONTROLLER K8S_NAMESPACE SERVICE_NAME POD_NAME NODE_NAME POD_IP AWS_REGION AWS_LOAD_BALANCER_TYPE ' +
    'K8S_SERVICE_NAME K8S_POD_NAME K8S_NODE_NAME K8S_POD_IP AZURE_NETWORK_CONFIG NGINX_CONFIG TRAEFIK_CONFIG ' +
    'IMAGE OLD_SETTING NEW_SETTING TEST_SECRET BACKENDS_ROUTES_EXAMPLE_URL'
  ).split(' '),
);
const PLATFORM_GROUP = /^(?:CLOUDWATCH|GCP_MONITORING|GCP_LOGGING|AZURE_MONITOR|AZURE_APPINSIGHTS|AZURE_KEYVAULT)_/;

/** Set by the program's own launcher, and by a program for its successor. */
const OWN_NAMES: ReadonlySet<string> = new Set(['LAUNCHER_FD', 'SUCCESSOR_OF']);

/**
 * Variables that Kubernetes makes for a Service called `rwwwrse` or `rwwwrse-…` (SPEC 0.10): `SERVICE_HOST`,
 * `SERVICE_PORT_HTTP`, `PORT_80_TCP_ADDR`, `METRICS_PORT_9090_TCP`. Names of routes are left alone,
 * so that a mistyped one is told.
 */
const SERVICE_LINK =
  /^(?!ROUTES_)(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
const LINK_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/** Whether a whole variable name only describes the platform, or stands in an example. */
export function isPlatformName(envName: string): boolean {
  return PLATFORM_NAMES.has(envName.replace(/^RWWWRSE_/, ''));
}

/**
 * Whether a variable (without prefix) is accepted without a word: platform names, service links, the launcher's own.
 */
export function isIgnoredName(name: string, value: string): boolean {
  if (PLATFORM_NAMES.has(name) || PLATFORM_GROUP.test(name) || OWN_NAMES.has(name) || SERVICE_LINK.test(name))
    return true;
  return name.endsWith('_PORT') && isServiceLinkAddress(value);
}

/** Whether a value is the address that Kubernetes writes into `…_PORT` variables: `tcp://10.0.0.1:80`. */
export function isServiceLinkAddress(value: string): boolean {
  return LINK_ADDRESS.test(value);
}

/** Names of SPEC A.1 to A.8 whose features come in later versions; an entry with `_` at its end is a prefix. */
const LATER_NAMES: readonly string[] = (
  'AB_TESTING_ API_KEY AUDIT_ AUTH_SECRET BLOCK_PROFILE CACHE_ COMPRESSION_ ' +
  'CONTENT_SECURITY_POLICY CONTENT_TYPE_NOSNIFF CORS_ CPU_PROFILE ENABLE_COMPRESSION ENABLE_CORS ' +
  'ENABLE_PROFILING ENABLE_RATE_LIMITING ENABLE_TLS FEATURE_FLAGS_ FRAME_OPTIONS ' +
  'HSTS_ HTTP2_ENABLED HTTPS_PORT MEM_PROFILE PROFILE_PORT PROFILING_ RATE_LIMIT ' +
  'RATE_LIMIT_ RATELIMIT_ READ_BUFFER_SIZE REFERRER_POLICY SECURITY_ ' +
  'SERVER_HTTPS_PORT SERVICE_ACCOUNT_TOKEN SSL_DIR TLS_ WRITE_BUFFER_SIZE XSS_PROTECTION'
).split(' ');

/** Whether a name (without prefix) belongs to a feature of a later version. */
export function isLaterName(name: string): boolean {
  return LATER_NAMES.some((later) => (later.endsWith('_') ? name.startsWith(later) : name === later));
}
