import { z } from 'zod';

import { trustedNetworksField } from './list-fields.ts';
import { booleanField, choiceField, durationField, integerField, portField, sizeField } from './scalar-fields.ts';
import { bindHostField, fileModeField, listenAddressField, nameField } from './text-fields.ts';

const KIB = 1_024;
const MIB = 1_048_576;
/** Largest head: a regular expression over a text of 8 MiB throws (DESIGN.md 5). */
const MAX_HEAD_BYTES = 4 * MIB;
const MAX_COUNT = 1_000_000_000;

const fields = {
  read_timeout: durationField(0),
  read_header_timeout: durationField(1),
  write_timeout: durationField(0),
  idle_timeout: durationField(0),
  min_data_rate: sizeField(0, 1_024 * MIB),
  max_header_bytes: sizeField(KIB, MAX_HEAD_BYTES),
  max_header_count: integerField(1, 10_000),
  max_target_bytes: sizeField(64, MIB),
  max_body_bytes: sizeField(0, Number.MAX_SAFE_INTEGER),
  max_connections: integerField(0, MAX_COUNT),
  max_connections_per_client: integerField(0, MAX_COUNT),
  max_requests_per_connection: integerField(0, MAX_COUNT),
  half_close: booleanField(),
  trust_proxy: trustedNetworksField(),
  proxy_protocol: booleanField(),
};

/** SPEC A.1: the main listener, and the limits and timeouts that every listener has unless it says otherwise. */
export const listenerShape = {
  host: bindHostField().prefault('0.0.0.0').meta({
    description: 'Address that the main and the metrics listener bind; :: is IPv6 and IPv4; localhost is 127.0.0.1.',
  }),
  port: portField().prefault(8080).meta({
    description: 'Port of the main listener; 0 lets the kernel choose a free one.',
  }),
  read_timeout: fields.read_timeout.prefault('30s').meta({
    description: 'From the first byte of a request to the end of its body; 408 beyond; 0 = off.',
  }),
  read_header_timeout: fields.read_header_timeout.prefault('10s').meta({
    description: 'From the first byte of a request to the end of its head; 408 beyond.',
  }),
  write_timeout: fields.write_timeout.prefault('30s').meta({
    description: 'Without any progress while an answer is written; never cuts a stream that flows; 0 = off.',
  }),
  idle_timeout: fields.idle_timeout.prefault('120s').meta({
    description: 'Between two requests of a connection; 0 = off.',
  }),
  min_data_rate: fields.min_data_rate.prefault(240).meta({
    description: 'Lowest average rate of a request body in bytes per second, after five seconds; 408 below; 0 = off.',
  }),
  max_header_bytes: fields.max_header_bytes.prefault('64KiB').meta({
    description: 'Bytes of a whole request head; 431 beyond.',
  }),
  max_header_count: fields.max_header_count.prefault(100).meta({
    description: 'Fields in a request head; 431 beyond.',
  }),
  max_target_bytes: fields.max_target_bytes.prefault(8192).meta({
    description: 'Bytes of a request target; 414 beyond.',
  }),
  max_body_bytes: fields.max_body_bytes.prefault(0).meta({
    description: 'Bytes of a request body; 413 beyond; 0 = no limit, as bodies are streamed and cost no memory.',
  }),
  max_connections: fields.max_connections.prefault(0).meta({
    description: 'Open connections over all workers; 503 and close beyond; 0 = no limit.',
  }),
  max_connections_per_client: fields.max_connections_per_client.prefault(0).meta({
    description: 'Open connections of one client address over all workers; 429 and close beyond; 0 = no limit.',
  }),
  max_requests_per_connection: fields.max_requests_per_connection.prefault(0).meta({
    description: 'Requests on one connection before it is closed politely; 0 = no limit.',
  }),
  half_close: fields.half_close.prefault(false).meta({
    description: 'Answer a client that has closed its sending side; otherwise that is an abort (499).',
  }),
  trust_proxy: fields.trust_proxy.prefault(false).meta({
    description:
      'Peers whose X-Forwarded-*, Forwarded and X-Real-IP are believed: a list of networks, true for loopback and private ' +
      'networks (127.0.0.0/8, ::1, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7), false for nobody.',
  }),
  proxy_protocol: fields.proxy_protocol.prefault(false).meta({
    description:
      'Connections of the peers in trust_proxy begin with a PROXY header, version 1 or 2, which names the client.',
  }),
};

/** One entry of `listeners`: what it does not say is taken from the top level. */
export const listenerItemShape = {
  name: nameField().meta({ description: 'Unique name, for logs and metrics.' }),
  address: listenAddressField().meta({ description: 'ip:port, [ipv6]:port ([::] is IPv6 and IPv4), or unix:/path.' }),
  protocol: choiceField(['http1', 'h2c']).prefault('http1').meta({ description: 'HTTP/1.1, or HTTP/2 in clear text.' }),
  ipv6_only: booleanField().prefault(false).meta({ description: 'Keep IPv4 clients off a [::] address.' }),
  mode: fileModeField().prefault('0660').meta({ description: 'Permissions of the unix socket, in quotes.' }),
  read_timeout: fields.read_timeout.optional(),
  read_header_timeout: fields.read_header_timeout.optional(),
  write_timeout: fields.write_timeout.optional(),
  idle_timeout: fields.idle_timeout.optional(),
  min_data_rate: fields.min_data_rate.optional(),
  max_header_bytes: fields.max_header_bytes.optional(),
  max_header_count: fields.max_header_count.optional(),
  max_target_bytes: fields.max_target_bytes.optional(),
  max_body_bytes: fields.max_body_bytes.optional(),
  max_connections: fields.max_connections.optional(),
  max_connections_per_client: fields.max_connections_per_client.optional(),
  max_requests_per_connection: fields.max_requests_per_connection.optional(),
  half_close: fields.half_close.optional(),
  trust_proxy: fields.trust_proxy.optional(),
  proxy_protocol: fields.proxy_protocol.optional(),
};

/** One entry of `listeners`. */
export const listenerItemSchema = z.strictObject(listenerItemShape);

/** The list of listeners; when it is there, it takes the place of the main listener. */
export const listenersField = z
  .array(listenerItemSchema)
  .min(1)
  .optional()
  .meta({ description: 'Listeners in place of the one made of host and port.' });
