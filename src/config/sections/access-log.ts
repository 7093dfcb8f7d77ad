import { ACCESS_FIELDS, type AccessField } from '../access-fields.ts';
import { nearestName } from '../nearest-name.ts';
import { quoteValue } from '../problem.ts';
import { refuse } from './field.ts';
import type { Field } from './field.ts';
import { listField } from './list-fields.ts';
import { rotationShape } from './log-rotation.ts';
import { shareField } from './number-fields.ts';
import { booleanField, choiceField } from './scalar-fields.ts';
import { filePathField } from './text-fields.ts';

/** SPEC A.2: the access log, block `access_log`. */
export const accessLogShape = {
  path: filePathField()
    .prefault('/var/log/rwwwrse/access.log')
    .meta({ description: 'File of the access log, stdout, or off.' }),
  format: choiceField(['combined', 'json']).prefault('combined').meta({
    description: 'Combined is the common format with key=value pairs behind it; json is one object per line.',
  }),
  fields: accessFieldsField().prefault([]).meta({
    description: 'Fields of a JSON line in their order; empty is all. Combined lines get those of them that they lack.',
  }),
  sample: shareField().prefault(1).meta({
    description: 'Share of the requests that went well that is written, 0 to 1. Errors and slow requests always are.',
  }),
  exclude_paths: excludedPathsField()
    .prefault([])
    .meta({ description: 'Paths that are never written, and everything below them.' }),
  ...rotationShape,
};

/** SPEC A.2: top-level switch of the access log. */
export const accessLogSwitchShape = {
  request_logging: booleanField().prefault(true).meta({ description: 'One access log line per request.' }),
};

function accessFieldsField(): Field<readonly AccessField[]> {
  return listField({ enum: ACCESS_FIELDS }, (item) => {
    const name = typeof item === 'string' ? item.trim().toLowerCase() : '';
    const known = ACCESS_FIELDS.find((each) => each === name);
    if (known !== undefined) return { value: known };
    const didYouMean = nearestName(name, ACCESS_FIELDS);
    return refuse(`${quoteValue(item)} is no field of the access log`, {
      allowed: ACCESS_FIELDS.join(', '),
      didYouMean,
    });
  });
}

function excludedPathsField(): Field<readonly string[]> {
  return listField({ type: 'string', pattern: '^/' }, (item) => {
    const path = typeof item === 'string' ? item.trim() : '';
    if (!/^\/[^\s?#]*$/.test(path))
      return refuse(`${quoteValue(item)} is not a path`, { allowed: 'text that begins with /, without query' });
    return { value: path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path };
  });
}
