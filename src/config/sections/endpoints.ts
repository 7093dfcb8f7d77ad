import { dependencyUrlField } from './dependency-url-field.ts';
import { cidrListField } from './list-fields.ts';
import { booleanField, durationField, portField } from './scalar-fields.ts';
import { filePathField, metricNamePartField, urlPathField } from './text-fields.ts';

/** SPEC A.3: the proxy's own health endpoint, block `health`. */
export const healthShape = {
  enabled: booleanField()
    .prefault(true)
    .meta({ description: "The proxy's own health, readiness and liveness endpoints." }),
  path: urlPathField().prefault('/health').meta({ description: 'Path of the health endpoint.' }),
  timeout: durationField(1).prefault('10s').meta({
    description: 'A check of a dependency without an answer for so long has failed, unless the check says otherwise.',
  }),
  external_api_url: dependencyUrlField(['http'])
    .optional()
    .meta({ description: 'URL that the check external_api asks; no check when absent.' }),
  external_api_url_file: filePathField().optional().meta({ description: 'File that holds external_api_url.' }),
};

/** SPEC A.3: block `readiness`. */
export const readinessShape = {
  path: urlPathField().prefault('/ready').meta({ description: 'Path of the readiness endpoint.' }),
  require_backends: booleanField()
    .prefault(true)
    .meta({
      description:
        'Not ready while none of the checked backends is healthy. Switched off, clients of a proxy behind another balancer ' +
        "get its error answers instead of that one's.",
    }),
};

/** SPEC A.3: block `liveness`. */
export const livenessShape = {
  path: urlPathField().prefault('/live').meta({ description: 'Path of the liveness endpoint.' }),
};

/** SPEC A.3: block `metrics`. */
export const metricsShape = {
  enabled: booleanField().prefault(true).meta({ description: 'Count and expose metrics.' }),
  path: urlPathField().prefault('/metrics').meta({ description: 'Path of the metrics endpoint.' }),
  port: portField().prefault(9090).meta({
    description: 'Port of a second listener for the own endpoints only; none when 0 or a port of another listener.',
  }),
  interval: durationField(1_000).prefault('15s').meta({ description: 'Sampling period of gauges.' }),
  namespace: metricNamePartField().prefault('rwwwrse').meta({
    description: 'What the names of own metrics begin with. Shipped alerts and dashboards know rwwwrse only.',
  }),
  subsystem: metricNamePartField().prefault('').meta({
    description: 'Second part of the names of own metrics, after the namespace; none when empty.',
  }),
  allow: cidrListField().prefault([]).meta({
    description: 'Networks besides loopback that may read the metrics on a listener for traffic.',
  }),
};

/** SPEC A.3: top-level switch of the metrics. */
export const metricsSwitchShape = {
  detailed_metrics: booleanField()
    .prefault(false)
    .meta({ description: 'Metric labels with many values, such as raw paths.' }),
};
