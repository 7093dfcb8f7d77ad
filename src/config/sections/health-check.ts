import { inheritedShape } from './inherited-shape.ts';
import { headerPairsField } from './header-changes.ts';
import { authorityField } from './host-pattern-field.ts';
import { methodField } from './match-fields.ts';
import { booleanField, choiceField, durationField, integerField } from './scalar-fields.ts';
import { statusListField } from './status-field.ts';
import { requestPathField, textField } from './text-fields.ts';

/** More than this in a row is a backend that nobody will ever see change. */
const MAX_THRESHOLD = 1_000;
/** A check more often than this is load, not a check. */
const MIN_INTERVAL_MS = 50;

const fields = {
  enabled: booleanField(),
  type: choiceField(['http', 'tcp']),
  method: methodField(),
  path: requestPathField(),
  host: authorityField(),
  headers: headerPairsField({ host: 'is set by health_check.host' }),
  interval: durationField(MIN_INTERVAL_MS),
  timeout: durationField(1),
  unhealthy_threshold: integerField(1, MAX_THRESHOLD),
  healthy_threshold: integerField(1, MAX_THRESHOLD),
  expected_status: statusListField(),
  expected_body: textField(1, 1_024),
  initial: choiceField(['healthy', 'unhealthy'], { optimistic: 'healthy', pessimistic: 'unhealthy' }),
};

/** SPEC A.3 and F: active checks of backends, block `health_check`. */
export const healthCheckShape = {
  enabled: fields.enabled
    .prefault(true)
    .meta({ description: 'Ask every backend in the background whether it is well.' }),
  type: fields.type
    .prefault('http')
    .meta({ description: 'How a backend is asked: http = a request; tcp = a connection is enough.' }),
  method: fields.method.prefault('GET').meta({ description: 'Method of the request.' }),
  path: fields.path.prefault('/health').meta({
    description: "Path of the request, with a query if it needs one; put behind the target's own path.",
  }),
  host: fields.host.optional().meta({ description: "Host field of the request; default: the target's host and port." }),
  headers: fields.headers.prefault({}).meta({ description: 'Further fields of the request.' }),
  interval: fields.interval.prefault('30s').meta({
    description: 'From the begin of one check of a backend to that of the next, shortened by up to a tenth at random.',
  }),
  timeout: fields.timeout.prefault('10s').meta({ description: 'A check without an answer for so long has failed.' }),
  unhealthy_threshold: fields.unhealthy_threshold.prefault(3).meta({
    description: 'Failures in a row that make a backend unhealthy.',
  }),
  healthy_threshold: fields.healthy_threshold.prefault(2).meta({
    description: 'Successes in a row that make it healthy again.',
  }),
  expected_status: fields.expected_status.optional().meta({
    description:
      'Statuses of a backend that is well: 200, 200-299, 2xx. Default: 2xx when a path is written; else everything below 500, ' +
      'since a backend without /health answers 404 and is well.',
  }),
  expected_body: fields.expected_body.optional().meta({
    description: 'Text that the answer must hold in its first 64 KiB; any when absent.',
  }),
  initial: fields.initial.prefault('healthy').meta({
    description: 'What a new backend counts as until its first check has ended, which decides at once.',
  }),
};

/** The block `health_check` of a route. */
export const routeHealthCheckShape = inheritedShape('health_check', fields);
