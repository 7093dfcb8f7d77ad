/** Fields that a JSON line of the access log may have, in the order of a line without `access_log.fields` (SPEC E.1, docs/logging.md). */
export const ACCESS_FIELDS = [
  'time',
  'type',
  'remote_addr',
  'method',
  'path',
  'protocol',
  'status',
  'bytes',
  'bytes_received',
  'referer',
  'user_agent',
  'host',
  'route',
  'backend',
  'request_id',
  'response_time',
  'code',
  'fault',
  'phase',
  'attempts',
  'before_ms',
  'retries_ms',
  'queue_ms',
  'connect_ms',
  'upload_ms',
  'first_byte_ms',
  'body_ms',
] as const;

/** Name of a field of the JSON access log. */
export type AccessField = (typeof ACCESS_FIELDS)[number];
