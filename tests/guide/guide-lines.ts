/** The Operations Guide's commands about health, metrics, logs and process, exactly as it prints them. */
export const COMMANDS = {
  /** Line 50. */
  health: 'curl http://localhost:8080/health',
  /** Line 70. */
  metrics: 'curl http://localhost:8080/metrics',
  /** Lines 374-375. */
  failedLogins: `grep "status.*401" /var/log/rwwwrse/access.log | \\
  awk '{print $1}' | sort | uniq -c | sort -nr`,
  /** Lines 378-379. */
  unusualPatterns: `grep "status.*[45][0-9][0-9]" /var/log/rwwwrse/access.log | \\
  awk '{print $7}' | sort | uniq -c | sort -nr`,
  /** Line 408. */
  requestDuration: 'curl http://localhost:8080/metrics | grep rwwwrse_request_duration',
  /** Line 411. */
  slowQueries: 'grep "response_time.*[5-9][0-9][0-9][0-9]" /var/log/rwwwrse/access.log',
  /** Line 414. */
  top: 'top -p $(pgrep rwwwrse)',
  /** Line 442. */
  goMemory: 'curl http://localhost:8080/metrics | grep go_memstats',
  /** Line 464. */
  connections: 'netstat -an | grep :8080 | wc -l',
  /** Line 467. */
  backendConnections: 'curl http://localhost:8080/metrics | grep backend_connections',
  /** Line 470. */
  poolSettings: 'env | grep RWWWRSE_.*POOL',
} as const;

/** Lines 53-63: the answer that the guide shows. */
export const EXPECTED_HEALTH = `{
  "status": "healthy",
  "timestamp": "2023-12-01T10:00:00Z",
  "version": "1.0.0",
  "uptime": "24h30m15s",
  "checks": {
    "database": "healthy",
    "redis": "healthy",
    "external_api": "healthy"
  }
}`;

/** Lines 73-79. */
export const KEY_METRICS = `# - rwwwrse_requests_total{method,path,status}
# - rwwwrse_request_duration_seconds{method,path}
# - rwwwrse_active_connections
# - rwwwrse_backend_requests_total{backend,status}
# - rwwwrse_backend_response_time{backend}
# - go_memstats_alloc_bytes
# - go_goroutines`;

/** Lines 86-90. */
export const METRICS_ENVIRONMENT = `environment:
  - RWWWRSE_METRICS_ENABLED=true
  - RWWWRSE_METRICS_PATH=/metrics
  - RWWWRSE_METRICS_INTERVAL=15s
  - RWWWRSE_DETAILED_METRICS=true`;

/** Lines 99-104. */
export const LOG_ENVIRONMENT = `environment:
  - RWWWRSE_LOG_FORMAT=json
  - RWWWRSE_LOG_LEVEL=info
  - RWWWRSE_LOG_OUTPUT=stdout
  - RWWWRSE_REQUEST_LOGGING=true
  - RWWWRSE_ERROR_STACK_TRACE=true`;

/** Variables of an `environment:` block. */
export function variablesOf(block: string): Record<string, string> {
  return Object.fromEntries(Array.from(block.matchAll(/^ {2}- (\w+)=(.*)$/gm), ([, name, value]) => [name, value]));
}
