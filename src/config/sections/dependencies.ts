import { z } from 'zod';

import { dependencyUrlField } from './dependency-url-field.ts';
import { booleanField, durationField, integerField } from './scalar-fields.ts';
import { statusListField } from './status-field.ts';
import { filePathField } from './text-fields.ts';

/** A check more often than this is load, not a check. */
const MIN_INTERVAL_MS = 50;
const MAX_THRESHOLD = 1_000;

/** SPEC A.8: what the checks `database` and `redis` ask. */
export const dependencyShape = {
  database_url: dependencyUrlField(['postgres']).optional().meta({
    description: 'PostgreSQL that the check database asks; no check when absent.',
  }),
  database_url_file: filePathField().optional().meta({ description: 'File that holds database_url.' }),
  redis_url: dependencyUrlField(['redis']).optional().meta({
    description: 'Redis or Valkey that the check redis asks; no check when absent.',
  }),
  redis_url_file: filePathField().optional().meta({ description: 'File that holds redis_url.' }),
};

/** One check of a dependency. */
const checkShape = {
  url: dependencyUrlField(['postgres', 'redis', 'http', 'tcp'])
    .optional()
    .meta({
      description:
        'What is asked, by scheme: postgres (SELECT 1), redis or rediss (PING), http or https (a request), tcp (a connection). ' +
        'The checks database, redis and external_api may leave it to database_url, redis_url and health.external_api_url.',
    }),
  url_file: filePathField().optional().meta({ description: 'File that holds url.' }),
  interval: durationField(MIN_INTERVAL_MS).optional().meta({
    description: 'From one check to the next; default: health_check.interval.',
  }),
  timeout: durationField(1).optional().meta({
    description: 'A check without an answer for so long has failed; default: health.timeout.',
  }),
  unhealthy_threshold: integerField(1, MAX_THRESHOLD).prefault(1).meta({
    description: 'Failures in a row that make it unhealthy.',
  }),
  healthy_threshold: integerField(1, MAX_THRESHOLD).prefault(1).meta({
    description: 'Successes in a row that make it healthy again.',
  }),
  expected_status: statusListField().prefault(['2xx']).meta({
    description: 'Statuses of an HTTP dependency that is well: 200, 200-299, 2xx.',
  }),
  required: booleanField().prefault(false).meta({
    description: 'Its failure makes the program unhealthy and not ready; otherwise it is degraded and goes on serving.',
  }),
};

/** One check. */
export const checkSchema = z.strictObject(checkShape);

/** Checks of dependencies by name. */
export const checksField = z
  .record(z.string(), checkSchema)
  .prefault({})
  .meta({ description: 'Checks of what the program needs besides backends, by name: a map, or a URL alone.' });

/** Every key of a check. */
export const CHECK_KEYS: readonly string[] = Object.keys(checkShape);
