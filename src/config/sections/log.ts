import { quoteValue } from '../problem.ts';
import { refuse } from './field.ts';
import type { Field } from './field.ts';
import { listField } from './list-fields.ts';
import { rotationShape } from './log-rotation.ts';
import { booleanField, choiceField, durationField, sizeField } from './scalar-fields.ts';
import { filePathField } from './text-fields.ts';

const MAX_SHOWN_BYTES = 1_048_576;

/** SPEC A.2: the application log, block `log`. */
export const logShape = {
  level: choiceField(['debug', 'info', 'warn', 'error'])
    .prefault('info')
    .meta({ description: 'Lowest level that is written.' }),
  format: choiceField(['json', 'text'], { console: 'text' })
    .prefault('json')
    .meta({ description: 'One JSON object per line, or key=value text; console is text.' }),
  output: filePathField().prefault('stdout').meta({ description: 'Where it goes: stdout, stderr or a file.' }),
  timestamp: booleanField().prefault(true).meta({ description: 'Lines carry their time.' }),
  caller: booleanField().prefault(false).meta({ description: 'Lines carry the place in the program.' }),
  severity: booleanField()
    .prefault(false)
    .meta({ description: 'Lines carry severity, the level in the words of Google Cloud.' }),
  requests: booleanField().prefault(false).meta({ description: 'One info line per routed request.' }),
  slow_request: durationField(0)
    .prefault('1s')
    .meta({ description: 'A request that takes this long is a warning; 0 is off.' }),
  request_headers: booleanField().prefault(false).meta({ description: 'Debug lines show request headers.' }),
  response_headers: booleanField().prefault(false).meta({ description: 'Debug lines show response headers.' }),
  request_body: booleanField().prefault(false).meta({ description: 'Debug lines show request bodies.' }),
  response_body: booleanField().prefault(false).meta({ description: 'Debug lines show response bodies.' }),
  body_limit: sizeField(1, MAX_SHOWN_BYTES).prefault('4KiB').meta({ description: 'Bytes of a body that are shown.' }),
  redact: secretNamesField()
    .prefault([])
    .meta({ description: 'Names of headers, parameters and fields that are secret, besides the built-in ones.' }),
  ...rotationShape,
};

/** SPEC A.2: top-level switch of the application log. */
export const logSwitchShape = {
  error_stack_trace: booleanField().prefault(false).meta({ description: 'Stack traces in error log lines.' }),
};

function secretNamesField(): Field<readonly string[]> {
  return listField({ type: 'string' }, (item) => {
    const name = typeof item === 'string' ? item.trim() : '';
    if (/^[\w.\-*]{1,64}$/.test(name) && /\w/.test(name)) return { value: name };
    return refuse(`${quoteValue(item)} is not a name`, { allowed: 'letters, digits, _ - . and * for any text' });
  });
}
