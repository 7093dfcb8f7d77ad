import { quoteValue } from '../problem.ts';
import type { RetryCause } from '../resilience-settings.ts';
import { nearestName } from '../nearest-name.ts';
import { refuse } from './field.ts';
import type { Field } from './field.ts';
import { inheritedShape } from './inherited-shape.ts';
import { numberListField } from './list-fields.ts';
import { factorField, shareField } from './number-fields.ts';
import { booleanField, durationField, integerField, sizeField, textOf } from './scalar-fields.ts';

const CAUSES: readonly RetryCause[] = ['connect', 'reset', 'timeout', '502', '503', '504', '429'];
/** More attempts than this are a loop, not a retry. */
const MAX_ATTEMPTS = 100;
const MAX_BODY_BYTES = 16 * 1_048_576;
const MAX_PER_SECOND = 1_000_000;

const fields = {
  enabled: booleanField(),
  max_attempts: integerField(1, MAX_ATTEMPTS),
  on: causeListField(),
  any_method: booleanField(),
  initial_interval: durationField(0),
  max_interval: durationField(0),
  multiplier: factorField(1, 100),
  per_try_timeout: durationField(0),
  body_limit: sizeField(0, MAX_BODY_BYTES),
};

/** SPEC A.4 and F: block `retry`. */
export const retryShape = {
  enabled: fields.enabled.prefault(true).meta({ description: 'Send a request again that a backend failed.' }),
  max_attempts: fields.max_attempts.prefault(3).meta({ description: 'Attempts in all, the first included.' }),
  on: fields.on.prefault(['connect', 'reset', 'timeout', '502', '503', '504']).meta({
    description:
      'Causes: connect (no connection), reset (cut before an answer), timeout, and the statuses 502, 503, 504, 429.',
  }),
  any_method: fields.any_method.prefault(false).meta({
    description: 'Methods that are not idempotent too (POST, PATCH): their requests may take effect twice.',
  }),
  initial_interval: fields.initial_interval.prefault('25ms').meta({
    description: 'Longest wait before the second attempt; half of each wait is left to chance.',
  }),
  max_interval: fields.max_interval.prefault('1s').meta({ description: 'Longest wait between two attempts.' }),
  multiplier: fields.multiplier.prefault(2).meta({ description: 'Factor from one wait to the next.' }),
  per_try_timeout: fields.per_try_timeout.prefault(0).meta({
    description: "Longest wait of one attempt for the head of an answer; 0 = the route's timeout alone.",
  }),
  body_limit: fields.body_limit.prefault('64KiB').meta({
    description: 'Bytes of a request body that are kept for another attempt; a longer body is sent once.',
  }),
};

/** What retries may add to the load of backends: the block `retry.budget`. */
export const retryBudgetShape = {
  share: shareField().prefault(0.2).meta({
    description:
      'Retries of the whole program, as share of the requests of the last 10 s; what goes beyond is not sent.',
  }),
  min_per_second: integerField(0, MAX_PER_SECOND).prefault(10).meta({
    description: 'Retries per second that are allowed besides the share.',
  }),
};

/** The block `retry` of a route. The budget belongs to the whole program. */
export const routeRetryShape = inheritedShape('retry', fields);

/** Retries of a route in one number: how often a request is sent again. */
export function retriesField(): Field<number> {
  return integerField(0, MAX_ATTEMPTS - 1);
}

function causeListField(): Field<readonly RetryCause[]> {
  return numberListField({ enum: [...CAUSES, 502, 503, 504, 429] }, (item) => {
    const text = textOf(item).trim().toLowerCase();
    const cause = CAUSES.find((each) => each === text);
    if (cause !== undefined) return { value: cause };
    const words = CAUSES.filter((each) => /^[a-z]/.test(each));
    return refuse(`${quoteValue(item)} is no cause of a retry`, {
      allowed: CAUSES.join(', '),
      didYouMean: nearestName(text, words),
    });
  });
}
