/**
 * Keys that only a restart changes (DESIGN.md 4, static settings); a name that ends in `.` is a whole block. Plain text, so that
 * a running proxy can ask without loading the schema; a test proves it against what each key does change.
 */
const RESTART_KEYS: readonly string[] = (
  'host port read_timeout read_header_timeout write_timeout idle_timeout min_data_rate max_header_bytes max_header_count ' +
  'max_target_bytes max_body_bytes max_connections max_connections_per_client max_requests_per_connection half_close ' +
  'trust_proxy proxy_protocol listeners workers hot_reload last_good. config_file pid_file upgrade_timeout buffer_budget_bytes ' +
  'error_stack_trace request_logging metrics.enabled metrics.port access_log. log. shutdown.'
).split(' ');

/** Whether a reload changes a key (`log.level`, `routes.api.timeout`), or a restart is needed. */
export function isReloadable(key: string): boolean {
  return !RESTART_KEYS.some((name) => (name.endsWith('.') ? key.startsWith(name) : key === name));
}
