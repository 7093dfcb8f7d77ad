import { quoteValue } from '../problem.ts';
import { field, refuse } from './field.ts';
import type { Field } from './field.ts';
import { sizeField, textOf } from './scalar-fields.ts';
import { filePathField, headerNameField } from './text-fields.ts';

const MIB = 1_048_576;
const MAX_WORKERS = 256;

/** SPEC A.1: the process itself. */
export const processShape = {
  workers: workersField().prefault('auto').meta({
    description: 'Worker threads; auto = by cores, CPU quota and memory (DESIGN.md 4).',
  }),
  config_file: filePathField().optional().meta({
    description:
      'This file; flag --config; not from inside the file. Default: config.yaml and routes.yaml in /etc/rwwwrse.',
  }),
  pid_file: filePathField().optional().meta({ description: 'File for the process id; none when absent.' }),
  buffer_budget_bytes: sizeField(MIB, 64 * 1_024 * MIB)
    .prefault('32MiB')
    .meta({ description: 'Buffered bytes that one worker may hold before it refuses new connections with 503.' }),
};

/** SPEC A.1: block `request_id`. */
export const requestIdShape = {
  header: headerNameField().prefault('X-Request-ID').meta({ description: 'Field that carries the request id.' }),
};

function workersField(): Field<number | null> {
  const written = { anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 1, maximum: MAX_WORKERS }] };
  return field(written, (input) => {
    const text = textOf(input);
    if (text.toLowerCase() === 'auto') return { value: null };
    const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
    if (count >= 1 && count <= MAX_WORKERS) return { value: count };
    return refuse(`${quoteValue(input)} is not a number of workers`, { allowed: `auto, or 1 to ${MAX_WORKERS}` });
  });
}
