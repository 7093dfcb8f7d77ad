import { explained } from './explanation.ts';

/** What the proxy itself could not do. */
export const PROXY_EXPLANATIONS = {
  too_many_connections: explained(
    'The listener has as many connections as `max_connections` allows.',
    'Raise it if memory allows, or add instances. Idle clients can be let go sooner by `idle_timeout`.',
  ),
  overloaded: explained(
    'The buffers of this worker are full: too many slow clients or backends hold too much data.',
    'Look for slow readers (`rwwwrse_buffer_bytes`), add memory or instances.',
  ),
  metrics_timeout: explained(
    'The page of the metrics did not become ready within 2 s.',
    'The control plane is busy or hangs: look at `rwwwrse_event_loop_delay_seconds{thread="main"}` and the log.',
  ),
  shutting_down: explained(
    'The request was still running when the time for the drain was over.',
    'Raise `shutdown.timeout` if requests may take that long.',
  ),
  no_local_address: explained(
    'The system has no free port, or no address of the right family, for a connection to the backend.',
    'Use fewer, longer-lived connections (`pool.max_idle_conns_per_host`), widen `net.ipv4.ip_local_port_range`, or turn on IPv6 for an IPv6 backend.',
  ),
  no_file_descriptors: explained(
    'The process has as many open files as it may have.',
    'Raise the limit (`LimitNOFILE=` in systemd, `ulimit -n`), or lower `max_connections`.',
  ),
  internal_defect: explained(
    'A defect of rwwwrse: an exception was caught, the request was given up.',
    'The application log has the stack at this time. Please report it.',
  ),
} as const;
