import { hostPatternListField } from './host-pattern-field.ts';
import { booleanField, choiceField, durationField, integerField } from './scalar-fields.ts';
import { targetListField } from './target-fields.ts';

const MAX_CONNECTIONS = 1_000_000;

/** SPEC A.4: connections to backends, block `pool`. */
export const poolShape = {
  max_idle_conns: integerField(0, MAX_CONNECTIONS).prefault(100).meta({ description: 'Idle connections kept in all.' }),
  max_idle_conns_per_host: integerField(0, MAX_CONNECTIONS)
    .prefault(100)
    .meta({ description: 'Idle connections kept per backend.' }),
  max_conns_per_host: integerField(1, MAX_CONNECTIONS)
    .prefault(100)
    .meta({ description: 'Most connections per backend, busy or idle.' }),
  idle_timeout: durationField(0)
    .prefault('90s')
    .meta({ description: 'Life of an idle connection to a backend; 0 = off.' }),
  dial_timeout: durationField(1).prefault('10s').meta({ description: 'Longest wait for a connection to be made.' }),
  read_timeout: durationField(0).prefault('5m').meta({
    description: 'Longest silence in the middle of a response body; 0 = off.',
  }),
  queue_timeout: durationField(1).prefault('10s').meta({
    description: 'Longest wait for a free connection of a backend that has max_conns_per_host.',
  }),
};

const connectionFields = {
  slow_start: durationField(0),
  tunnel_idle_timeout: durationField(0),
  send_proxy_protocol: choiceField(['off', 'v1', 'v2'], { false: 'off', '0': 'off', '1': 'v1', '2': 'v2' }),
};

/** The keys of a route that come from the keys of the same name of the whole file. */
export const routeUpstreamShape = {
  slow_start: connectionFields.slow_start.optional().meta({ description: 'Default: slow_start.' }),
  tunnel_idle_timeout: connectionFields.tunnel_idle_timeout
    .optional()
    .meta({ description: 'Default: tunnel_idle_timeout.' }),
  send_proxy_protocol: connectionFields.send_proxy_protocol
    .optional()
    .meta({ description: 'Default: send_proxy_protocol.' }),
};

/** SPEC A.1 and A.4: what holds for every backend and route that says nothing else. */
export const upstreamShape = {
  timeout: durationField(0).prefault('30s').meta({ description: "Wait for a backend's response head; 0 = off." }),
  request_timeout: durationField(0).prefault(0).meta({
    description:
      'From the request head to the end of the answer; 504 beyond; tunnels and streams of events are left alone; 0 = off.',
  }),
  default_backend: targetListField().prefault([]).meta({
    description: 'Backends of requests that no route takes; several share them. None = 404.',
  }),
  host_filter: hostPatternListField().prefault([]).meta({
    description: 'Hosts whose requests may go to the default backend; empty = all.',
  }),
  test_backends: targetListField().prefault([]).meta({
    description: 'Takes the place of default_backend while something is tried out; warned about.',
  }),
  ambiguous_path: choiceField(['refuse', 'pass'])
    .prefault('refuse')
    .meta({
      description:
        'A path that two programs can read in two ways, such as /a/..%2fb: refuse = 400; pass = forwarded as it came when both ' +
        'readings lead to the same route.',
    }),
  strip_path: booleanField().prefault(false).meta({ description: "Take the route's path off before forwarding." }),
  preserve_host: booleanField()
    .prefault(true)
    .meta({ description: "Forward the client's Host instead of the backend's." }),
  slow_start: connectionFields.slow_start.prefault(0).meta({
    description: 'A backend that comes back gets its share of requests little by little over this time; 0 = at once.',
  }),
  tunnel_idle_timeout: connectionFields.tunnel_idle_timeout.prefault('1h').meta({
    description:
      'Longest silence of a WebSocket or another tunnel, in both directions, and of a stream of server-sent events; 0 = off.',
  }),
  send_proxy_protocol: connectionFields.send_proxy_protocol.prefault('off').meta({
    description: 'PROXY header with which connections to backends begin: v1 (text), v2 (binary), off.',
  }),
};
