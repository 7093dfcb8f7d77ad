import { durationField } from './scalar-fields.ts';

/** SPEC A.1 and F: block `shutdown`. */
export const shutdownShape = {
  timeout: durationField(0)
    .prefault('30s')
    .meta({ description: 'Longest drain after the listeners closed; 0 = none.' }),
  delay: durationField(0).prefault('5s').meta({
    description: 'Wait with readiness 503 before the listeners close; 0 = none.',
  }),
};
