import { booleanField, choiceField } from './scalar-fields.ts';
import { filePathField } from './text-fields.ts';

/** SPEC A.2: the application log, block `log`. */
export const logShape = {
  level: choiceField(['debug', 'info', 'warn', 'error'])
    .prefault('info')
    .meta({ description: 'Lowest level that is written.' }),
  format: choiceField(['json', 'text'], { console: 'text' })
    .prefault('json')
    .meta({ description: 'One JSON object per line, or key=value text; console is text.' }),
  output: filePathField().prefault('stdout').meta({ description: 'Where it goes: stdout, stderr or a file.' }),
};

/** SPEC A.2: top-level switch of the application log. */
export const logSwitchShape = {
  error_stack_trace: booleanField().prefault(false).meta({ description: 'Stack traces in error log lines.' }),
};
