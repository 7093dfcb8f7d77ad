import { acceptRank } from '../../base/http/accept.ts';

/** The formats in which metrics are exposed. */
export type MetricsFormat = 'text' | 'openmetrics';

/** Content types of the formats (Prometheus exposition formats; OpenMetrics 1.0.0). */
export const METRICS_CONTENT_TYPE: Readonly<Record<MetricsFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** A media type that Accept names itself, by no wildcard. */
const NAMED = 3;
const VERSIONS: ReadonlySet<string> = new Set(['1.0.0', '0.0.1']);

/**
 * The format that an Accept field asks for (RFC 9110 12.5.1, q-values included). OpenMetrics is chosen when it is preferred to
 * text, or named and not less wanted; in every other case, also when neither is acceptable, the text format: a scraper that asks
 * for something else can still read it.
 */
export function negotiateFormat(accept: string): MetricsFormat {
  const open = acceptRank(accept, 'application/openmetrics-text', hasKnownVersion);
  const text = acceptRank(accept, 'text/plain');
  if (open.quality === 0) return 'text';
  const isNamed = open.specificity === NAMED;
  return open.quality > text.quality || (open.quality === text.quality && isNamed) ? 'openmetrics' : 'text';
}

/** Prometheus names versions; one that does not exist here must not get an answer that claims to be it. */
function hasKnownVersion(parameters: readonly string[]): boolean {
  const version = parameters.find((parameter) => parameter.startsWith('version='))?.slice('version='.length);
  return version === undefined || VERSIONS.has(version.replaceAll('"', ''));
}
