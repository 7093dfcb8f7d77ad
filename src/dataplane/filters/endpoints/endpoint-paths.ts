import type { EndpointSettings } from '../../../config/resolved-config.ts';

/** Path of the list of backends; only in debug mode (SPEC A.1, RWWWRSE_DEBUG_MODE). */
export const DEBUG_BACKENDS_PATH = '/debug/backends';

/** The `path` label of all `/health/<host>`: one series, whatever hosts are asked for. */
export function hostHealthLabel(settings: EndpointSettings): string {
  return `${settings.healthPath}/{host}`;
}

/** The `path` labels of all endpoints, switched on or not. */
export function endpointLabels(settings: EndpointSettings): string[] {
  const { healthPath, readinessPath, livenessPath, metricsPath } = settings;
  return [healthPath, hostHealthLabel(settings), readinessPath, livenessPath, metricsPath, DEBUG_BACKENDS_PATH];
}
