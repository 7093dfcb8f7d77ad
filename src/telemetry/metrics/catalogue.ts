/** Types of metrics (Prometheus exposition formats). */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary';

/** A metric: all its series have exactly these labels. */
export interface MetricFamily {
  /** Name with the default prefix `rwwwrse_`; names without it are the same whatever RWWWRSE_METRICS_NAMESPACE says. */
  readonly name: string;
  readonly type: MetricType;
  readonly labels: readonly string[];
  readonly help: string;
}

function family(type: MetricType, name: string, labels: string, help: string): MetricFamily {
  return { name, type, labels: labels === '' ? [] : labels.split(' '), help };
}

/**
 * Every metric that is exposed, in the order of the page. The names, types and labels are a promise (SPEC D.1, D.2); the
 * reference page is generated from here.
 */
export const CATALOGUE = {
  requests: family(
    'counter',
    'rwwwrse_requests_total',
    'method path status',
    'Requests answered; path is that of the route.',
  ),
  endpointRequests: family(
    'counter',
    'rwwwrse_endpoint_requests_total',
    'status',
    'Requests that the own endpoints answered, such as health and metrics; they are in rwwwrse_requests_total, too.',
  ),
  requestDuration: family(
    'histogram',
    'rwwwrse_request_duration_seconds',
    'method path',
    'Time from the complete request head to the end of the answer; to its head where a tunnel or a stream of events follows.',
  ),
  requestSize: family('histogram', 'rwwwrse_request_size_bytes', 'method', 'Bytes of request bodies, without framing.'),
  responseSize: family(
    'histogram',
    'rwwwrse_response_size_bytes',
    'method',
    'Bytes of answer bodies, without framing.',
  ),
  activeConnections: family('gauge', 'rwwwrse_active_connections', '', 'Open client connections.'),
  activeRequests: family('gauge', 'rwwwrse_active_requests', '', 'Requests being answered, tunnels included.'),
  requestsPerSecond: family(
    'gauge',
    'rwwwrse_requests_per_second',
    '',
    'Requests answered per second, averaged over the last sampling period.',
  ),
  backendRequests: family(
    'counter',
    'rwwwrse_backend_requests_total',
    'backend status',
    'Attempts sent to backends, by the status of the answer or the one that the failure stands for.',
  ),
  backendResponseTime: family(
    'summary',
    'rwwwrse_backend_response_time',
    'backend',
    'Seconds from the start of an attempt to the head of its answer or to the timeout; quantiles are of the last ten minutes.',
  ),
  backendDuration: family(
    'histogram',
    'rwwwrse_backend_request_duration_seconds',
    'backend',
    'Time from the start of an attempt to the head of its answer or to the timeout.',
  ),
  backendFailures: family(
    'counter',
    'rwwwrse_backend_failures_total',
    'backend code',
    'Attempts that failed, by failure code (docs/errors.md); also those that were sent again, so that no client saw them.',
  ),
  backendQueue: family(
    'histogram',
    'rwwwrse_backend_queue_duration_seconds',
    'backend',
    'Time that attempts waited for a connection that others held; those that found one, or could open one, are not counted.',
  ),
  backendConnect: family(
    'histogram',
    'rwwwrse_backend_connect_duration_seconds',
    'backend',
    'Time that opening a connection to the backend took.',
  ),
  backendConnections: family(
    'gauge',
    'rwwwrse_backend_connections',
    'backend state',
    'Backend connections in use (active) and kept for reuse (idle), and requests that wait for one (pending).',
  ),
  backendConnectionsLimit: family(
    'gauge',
    'rwwwrse_backend_connections_limit',
    'backend',
    'Most connections to a backend (pool.max_conns_per_host); +Inf without a limit.',
  ),
  backendUp: family('gauge', 'rwwwrse_backend_up', 'backend', 'Whether active checks call a backend healthy: 1, or 0.'),
  backendHealthStatus: family('gauge', 'rwwwrse_backend_health_status', 'backend', 'As rwwwrse_backend_up.'),
  dependencyUp: family(
    'gauge',
    'rwwwrse_dependency_up',
    'name',
    'Whether a dependency (database, redis, external_api, checks) is healthy: 1, or 0.',
  ),
  dnsLookups: family(
    'counter',
    'rwwwrse_dns_lookups_total',
    'result',
    'Look-ups of the names of backends; result is found, absent (no such name or no such records), failed or timeout.',
  ),
  dnsNames: family(
    'gauge',
    'rwwwrse_dns_names',
    'state',
    'Names of backends; fresh were found by their last look-up, stale by an earlier one, unresolved by none.',
  ),
  dnsLastSuccess: family(
    'gauge',
    'rwwwrse_dns_last_success_timestamp_seconds',
    '',
    'Unix time of the last look-up that found something; 0 = none did.',
  ),
  healthChecks: family(
    'counter',
    'rwwwrse_health_checks_total',
    'target status',
    'Active checks of a backend or a dependency; status is success or failure.',
  ),
  healthCheckDuration: family(
    'histogram',
    'rwwwrse_health_check_duration_seconds',
    'target',
    'Time of an active check, connecting included.',
  ),
  upstreamActive: family('gauge', 'rwwwrse_upstream_connections_active', '', 'Connections in use to all backends.'),
  upstreamIdle: family('gauge', 'rwwwrse_upstream_connections_idle', '', 'Connections kept for reuse to all backends.'),
  upstreamRetries: family(
    'counter',
    'rwwwrse_upstream_retries_total',
    'reason',
    'Requests sent again: for a cause that their route retries, or (idle_race) since a reused connection had died under them.',
  ),
  upstreamRetriesDenied: family(
    'counter',
    'rwwwrse_upstream_retries_denied_total',
    'reason',
    'Requests that failed for a cause which their route retries and were not sent again, by what stood against it.',
  ),
  tunnels: family(
    'gauge',
    'rwwwrse_tunnels',
    'protocol',
    'Open tunnels: websocket with a valid handshake, and all other switches of protocol.',
  ),
  tunnelsOpened: family('counter', 'rwwwrse_tunnels_opened_total', 'protocol', 'Tunnels opened.'),
  tunnelsClosed: family(
    'counter',
    'rwwwrse_tunnels_closed_total',
    'reason',
    'Tunnels closed, by who began: client, backend, idle (nothing moved for too long), drain, or cut by a stop or a defect.',
  ),
  tunnelBytes: family('counter', 'rwwwrse_tunnel_bytes_total', 'direction', 'Bytes that went through tunnels.'),
  eventStreams: family('gauge', 'rwwwrse_event_streams', '', 'Open streams of server-sent events.'),
  eventStreamsOpened: family(
    'counter',
    'rwwwrse_event_streams_opened_total',
    '',
    'Streams of server-sent events opened.',
  ),
  breakerState: family(
    'gauge',
    'rwwwrse_circuit_breaker_state',
    'backend',
    'State of the circuit breaker of a backend: 0 closed, 1 half-open, 2 open, 3 forced open.',
  ),
  breakerTransitions: family(
    'counter',
    'rwwwrse_circuit_breaker_transitions_total',
    'backend to',
    'Turns of the circuit breaker of a backend, by the state that it turned to.',
  ),
  backendEjected: family(
    'gauge',
    'rwwwrse_backend_ejected',
    'backend',
    'Whether a backend is ejected, since live traffic showed that it fails.',
  ),
  backendEjections: family(
    'counter',
    'rwwwrse_backend_ejections_total',
    'backend reason',
    'Ejections of a backend, by what live traffic showed.',
  ),
  retryBudgetUsed: family(
    'gauge',
    'rwwwrse_retry_budget_used',
    '',
    'Retries of the last ten seconds; at rwwwrse_retry_budget_allowed there are no more.',
  ),
  retryBudgetAllowed: family(
    'gauge',
    'rwwwrse_retry_budget_allowed',
    '',
    'Retries that there may be in ten seconds, by the requests of the last ten seconds.',
  ),
  bufferBytes: family('gauge', 'rwwwrse_buffer_bytes', '', 'Bytes held for clients and backends in buffers.'),
  connectionsAccepted: family('counter', 'rwwwrse_connections_accepted_total', '', 'Client connections accepted.'),
  connectionsRefused: family(
    'counter',
    'rwwwrse_connections_refused_total',
    '',
    'Client connections refused by a limit.',
  ),
  failures: family(
    'counter',
    'rwwwrse_failures_total',
    'code fault',
    'Requests that failed, by failure code (docs/errors.md) and the side at fault: client, backend or proxy.',
  ),
  failuresRecent: family(
    'gauge',
    'rwwwrse_failures_recent',
    'code fault',
    'Requests that failed in the last minutes, as rwwwrse_failures_total; five when the program runs that long.',
  ),
  clientAborts: family(
    'counter',
    'rwwwrse_client_aborts_total',
    '',
    'Requests whose client went away before the answer was complete.',
  ),
  internalDefects: family(
    'counter',
    'rwwwrse_internal_defects_total',
    '',
    'Throws caught by a fence; each is a defect of the program.',
  ),
  linesDropped: family(
    'counter',
    'rwwwrse_access_log_lines_dropped_total',
    '',
    'Access-log lines that never reached their file or pipe: it was too slow, or writing failed.',
  ),
  workers: family('gauge', 'rwwwrse_workers', '', 'Worker threads that take new connections.'),
  configReloads: family(
    'counter',
    'rwwwrse_config_reloads_total',
    'result',
    'Reloads of the configuration: applied, unchanged (nothing that a reload changes), refused (the one before goes on).',
  ),
  configLastReloadSuccessful: family(
    'gauge',
    'rwwwrse_config_last_reload_successful',
    '',
    '1 when the last reload was not refused; the start counts as one.',
  ),
  configLastReloadSuccess: family(
    'gauge',
    'rwwwrse_config_last_reload_success_timestamp_seconds',
    '',
    'When a configuration was last read and not refused.',
  ),
  configRestartRequired: family(
    'gauge',
    'rwwwrse_config_restart_required',
    '',
    'Changed keys that wait for a restart, as of the last reload.',
  ),
  workerRestarts: family('counter', 'rwwwrse_worker_restarts_total', '', 'Workers replaced since the start.'),
  loopUtilization: family(
    'gauge',
    'rwwwrse_event_loop_utilization_ratio',
    'thread',
    'Share of the last sampling period in which the event loop of a thread was busy.',
  ),
  loopDelay: family(
    'histogram',
    'rwwwrse_event_loop_delay_seconds',
    'thread',
    'How late the timers of a thread came: time for which its event loop was blocked.',
  ),
  gcDuration: family(
    'histogram',
    'rwwwrse_gc_duration_seconds',
    'thread kind',
    'Pauses of a thread for garbage collection; kind is minor, incremental, major or other.',
  ),
  threadCpu: family('counter', 'rwwwrse_thread_cpu_seconds_total', 'thread', 'CPU time of a thread, user and system.'),
  threadHeapUsed: family('gauge', 'rwwwrse_thread_heap_used_bytes', 'thread', 'Bytes in use on the heap of a thread.'),
  threadHeapLimit: family(
    'gauge',
    'rwwwrse_thread_heap_limit_bytes',
    'thread',
    'Bytes at which the heap of a thread is full.',
  ),
  series: family(
    'gauge',
    'rwwwrse_metric_series',
    '',
    'Series of requests, backends and threads, a histogram counted as one.',
  ),
  seriesOverflows: family(
    'counter',
    'rwwwrse_metric_series_overflows_total',
    '',
    'Series that found no room and count as other, once per worker and series. Increases: there are too many paths or backends.',
  ),
  rawPaths: family(
    'gauge',
    'rwwwrse_metric_raw_paths',
    '',
    'Raw paths that have series of their own (RWWWRSE_DETAILED_METRICS); at 1000 all further ones count as other.',
  ),
  buildInfo: family(
    'gauge',
    'rwwwrse_build_info',
    'version node_version',
    'Version of the program and its runtime; always 1.',
  ),
  startTime: family('gauge', 'rwwwrse_start_time_timestamp', '', 'Unix time at which the program started, in seconds.'),
  cpuUsage: family(
    'counter',
    'cpu_usage_seconds_total',
    '',
    'CPU time of the process, user and system; as process_cpu_seconds_total.',
  ),
  memoryUsage: family(
    'gauge',
    'memory_usage_bytes',
    '',
    'Resident memory of the process; as process_resident_memory_bytes.',
  ),
  goAlloc: family(
    'gauge',
    'go_memstats_alloc_bytes',
    '',
    'Under Node.js: bytes in use on the heaps of all threads, and memory outside of them that they hold.',
  ),
  goSys: family(
    'gauge',
    'go_memstats_sys_bytes',
    '',
    'Under Node.js: the larger of resident memory and of all heaps with what they hold outside.',
  ),
  goHeapAlloc: family(
    'gauge',
    'go_memstats_heap_alloc_bytes',
    '',
    'Under Node.js: bytes in use on the V8 heaps of all threads.',
  ),
  goHeapSys: family('gauge', 'go_memstats_heap_sys_bytes', '', 'Under Node.js: size of the V8 heaps of all threads.'),
  goHeapInuse: family(
    'gauge',
    'go_memstats_heap_inuse_bytes',
    '',
    'Under Node.js: physical memory of the V8 heaps of all threads.',
  ),
  goHeapIdle: family(
    'gauge',
    'go_memstats_heap_idle_bytes',
    '',
    'Under Node.js: size of the V8 heaps of all threads that is not in use.',
  ),
  goNextGc: family('gauge', 'go_memstats_next_gc_bytes', '', 'Under Node.js: heap size limit of all threads together.'),
  goGoroutines: family(
    'gauge',
    'go_goroutines',
    '',
    'Under Node.js, which has no goroutines: asynchronous resources of the main thread, and client connections and requests of the workers.',
  ),
  goThreads: family('gauge', 'go_threads', '', 'Threads of the operating system.'),
  goGcDuration: family(
    'summary',
    'go_gc_duration_seconds',
    '',
    'Under Node.js: pauses for garbage collection of all threads.',
  ),
  goInfo: family('gauge', 'go_info', 'version', 'Under Node.js: its version. Always 1.'),
  processCpu: family('counter', 'process_cpu_seconds_total', '', 'CPU time of the process, user and system.'),
  processResident: family('gauge', 'process_resident_memory_bytes', '', 'Resident memory of the process.'),
  processVirtual: family('gauge', 'process_virtual_memory_bytes', '', 'Virtual memory of the process.'),
  processOpenFds: family('gauge', 'process_open_fds', '', 'Open file descriptors.'),
  processMaxFds: family('gauge', 'process_max_fds', '', 'Most file descriptors that may be open.'),
  processStart: family(
    'gauge',
    'process_start_time_seconds',
    '',
    'Unix time at which the process started, in seconds.',
  ),
} as const satisfies Readonly<Record<string, MetricFamily>>;
