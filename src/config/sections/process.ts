import { quoteValue } from '../problem.ts';
import { field, refuse } from './field.ts';
import type { Field } from './field.ts';
import { booleanField, choiceField, durationField, sizeField, textOf } from './scalar-fields.ts';
import { filePathField, headerNameField } from './text-fields.ts';

const MIB = 1_048_576;
const MAX_WORKERS = 256;

/** SPEC A.1: the process itself. */
export const processShape = {
  workers: workersField().prefault('auto').meta({
    description: 'Worker threads; auto = by cores, CPU quota and memory.',
  }),
  config_file: filePathField().optional().meta({
    description:
      'This file; flag --config; not from inside the file. Default: config.yaml and routes.yaml in /etc/rwwwrse.',
  }),
  pid_file: filePathField().optional().meta({ description: 'File for the process id; none when absent.' }),
  upgrade_timeout: durationField(1)
    .prefault('30s')
    .meta({ description: 'How long a new version may take until it serves (`rwwwrse upgrade`).' }),
  buffer_budget_bytes: sizeField(MIB, 64 * 1_024 * MIB)
    .prefault('32MiB')
    .meta({ description: 'Buffered bytes that one worker may hold before it refuses new connections with 503.' }),
  debug_mode: booleanField()
    .prefault(false)
    .meta({ description: 'The list of backends at /debug/backends, for whoever may read the metrics.' }),
};

/** SPEC A.1: block `request_id`. */
export const requestIdShape = {
  enabled: booleanField()
    .prefault(true)
    .meta({ description: 'Take the request id from the client, or make one, and pass it on both ways.' }),
  header: headerNameField().prefault('X-Request-ID').meta({ description: 'Field that carries the request id.' }),
  generator: choiceField(['counter', 'uuid'])
    .prefault('counter')
    .meta({ description: 'How ids are made: counter = a random prefix and a counter, uuid = a random UUID.' }),
};

function workersField(): Field<number | null> {
  const count = { type: 'integer', minimum: 1, maximum: MAX_WORKERS };
  const written = {
    anyOf: [{ const: 'auto' }, count],
    'x-type': 'integer',
    'x-allowed': `auto, or 1 to ${MAX_WORKERS}`,
  };
  return field(written, (input) => {
    const text = textOf(input);
    if (text.toLowerCase() === 'auto') return { value: null };
    const workers = /^\d{1,3}$/.test(text) ? Number(text) : 0;
    if (workers >= 1 && workers <= MAX_WORKERS) return { value: workers };
    return refuse(`${quoteValue(input)} is not a number of workers`, { allowed: `auto, or 1 to ${MAX_WORKERS}` });
  });
}
