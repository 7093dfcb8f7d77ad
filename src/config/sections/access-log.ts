import { booleanField } from './scalar-fields.ts';
import { filePathField } from './text-fields.ts';

/** SPEC A.2: the access log, block `access_log`. */
export const accessLogShape = {
  path: filePathField()
    .prefault('/var/log/rwwwrse/access.log')
    .meta({ description: 'File of the access log, stdout, or off.' }),
};

/** SPEC A.2: top-level switch of the access log. */
export const accessLogSwitchShape = {
  request_logging: booleanField().prefault(true).meta({ description: 'One access log line per request.' }),
};
