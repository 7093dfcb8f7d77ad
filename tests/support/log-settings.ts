import { ACCESS_FIELDS } from '../../src/config/access-fields.ts';
import type { AccessLogSettings, ApplicationLogSettings } from '../../src/config/resolved-config.ts';

/** An access log as the product's defaults make it, but for its path. */
export const ACCESS_LOG: AccessLogSettings = {
  enabled: true,
  path: 'stdout',
  format: 'combined',
  fields: ACCESS_FIELDS,
  sample: 1,
  excludePaths: [],
  rotation: { maxBytes: 0, keep: 7 },
};

/** An application log as the product's defaults make it. */
export const APPLICATION_LOG: ApplicationLogSettings = {
  level: 'info',
  format: 'json',
  output: 'stdout',
  rotation: { maxBytes: 0, keep: 7 },
  stackTrace: false,
  timestamp: true,
  caller: false,
  severity: false,
  requests: false,
  slowRequestMs: 1_000,
  capture: {
    requestHeaders: false,
    responseHeaders: false,
    requestBody: false,
    responseBody: false,
    bodyLimitBytes: 4_096,
  },
  redact: [],
};
