/** Keys whose value may lie in a file: `<key>_file` names it. Keys of routes and checks stand without their names. */
const FILE_BACKED: ReadonlySet<string> = new Set([
  'load_balancer.sticky_secret',
  'database_url',
  'redis_url',
  'health.external_api_url',
  'checks.url',
  'backend_tls.ca',
  'backend_tls.cert',
  'backend_tls.key',
  'routes.backend_tls.ca',
  'routes.backend_tls.cert',
  'routes.backend_tls.key',
]);

/** `routes.api.backend_tls.key` → `routes.backend_tls.key`: a key of a route or check without its name. */
export function withoutName(key: string): string {
  return key.replace(/^(routes|checks)\.[^.]+\./, '$1.');
}

/** Whether the value of a key may lie in a file, or be a credential of the service. */
export function isFileBacked(key: string): boolean {
  return FILE_BACKED.has(withoutName(key));
}

/** The key whose value lies in the file that a key names (`database_url_file` → `database_url`), or null. */
export function keyOfFileKey(key: string): string | null {
  const base = key.endsWith('_file') ? key.slice(0, -'_file'.length) : '';
  return isFileBacked(base) ? base : null;
}
