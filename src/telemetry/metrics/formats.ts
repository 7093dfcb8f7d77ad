/** The formats in which metrics are exposed. */
export type MetricsFormat = 'text' | 'openmetrics';

/** Content types of the formats (Prometheus exposition formats; OpenMetrics 1.0.0). */
export const METRICS_CONTENT_TYPE: Readonly<Record<MetricsFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** How well an Accept field fits a media type; `named`: by its own name, not by a wildcard. */
interface Preference {
  readonly quality: number;
  readonly named: boolean;
}

const NONE: Preference = { quality: 0, named: false };
const QUALITY = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;
const VERSIONS: ReadonlySet<string> = new Set(['1.0.0', '0.0.1']);

/**
 * The format that an Accept field asks for (RFC 9110 12.5.1, q-values included). OpenMetrics is chosen when it is preferred to
 * text, or named and not less wanted; in every other case, also when neither is acceptable, the text format: a scraper that asks
 * for something else can still read it.
 */
export function negotiateFormat(accept: string): MetricsFormat {
  const open = preferenceFor(accept, 'application', 'openmetrics-text');
  const text = preferenceFor(accept, 'text', 'plain');
  if (open.quality === 0) return 'text';
  return open.quality > text.quality || (open.quality === text.quality && open.named) ? 'openmetrics' : 'text';
}

/** The most specific range decides, whatever its quality; of two ranges that are equally specific the more wanted one. */
function preferenceFor(accept: string, type: string, subtype: string): Preference {
  let specificity = 0;
  let best = NONE;
  for (const range of accept.toLowerCase().split(',')) {
    const [media = '', ...parameters] = range.split(';').map((part) => part.trim());
    const fits = specificityOf(media, type, subtype);
    if (fits === 0 || fits < specificity || !hasKnownVersion(subtype, parameters)) continue;
    const quality = qualityOf(parameters);
    if (fits > specificity || quality > best.quality) best = { quality, named: fits === 3 };
    specificity = fits;
  }
  return best;
}

function specificityOf(media: string, type: string, subtype: string): number {
  if (media === `${type}/${subtype}`) return 3;
  if (media === `${type}/*`) return 2;
  return media === '*/*' ? 1 : 0;
}

/** Prometheus names versions; one that does not exist here must not get an answer that claims to be it. */
function hasKnownVersion(subtype: string, parameters: readonly string[]): boolean {
  const version = parameters.find((parameter) => parameter.startsWith('version='))?.slice('version='.length);
  return subtype !== 'openmetrics-text' || version === undefined || VERSIONS.has(version.replaceAll('"', ''));
}

function qualityOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (text === undefined) return 1;
  return QUALITY.test(text) ? Number(text) : 0;
}
