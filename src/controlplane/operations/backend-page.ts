import {
  BACKEND_HELD,
  type BackendHeldCell,
  type HeldBackends,
  heldPlaceOf,
  SHARED_PLACE,
} from '../../shared-memory/held-backends.ts';
import type { SeriesEntry } from '../../shared-memory/counters.ts';
import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import type { Exposition } from '../../telemetry/metrics/exposition.ts';
import { FAMILY, LABEL_OTHER } from '../../telemetry/metrics/families.ts';
import { coarseCounts, FINE_SUM } from '../../telemetry/metrics/fine-histogram.ts';
import type { LabelTexts } from './label-texts.ts';
import type { ResponseWindows } from './response-windows.ts';
import type { SeriesByFamily, SharedSeries } from './shared-series.ts';

/** What the metrics of backends are made of. */
export interface BackendPageSource {
  readonly families: SeriesByFamily;
  readonly series: SharedSeries;
  readonly windows: ResponseWindows;
  readonly held: HeldBackends;
  readonly labels: LabelTexts;
  /** Places of the backends that the configuration has. */
  readonly places: ReadonlySet<number>;
  /** 0 = no limit. */
  readonly maxPerBackend: number;
}

const QUANTILES: readonly number[] = [0.5, 0.95, 0.99];
const STATES = Object.entries(BACKEND_HELD) as readonly (readonly [string, BackendHeldCell])[];

/** Response times of the backends with one label. */
interface ResponseTimes {
  readonly labels: string;
  readonly slots: readonly number[];
  readonly counts: Float64Array;
}

/** Writes the metrics of backends; yields between them. One address with several policies is several backends and one label. */
export function* writeBackends(to: Exposition, source: BackendPageSource): Generator<void> {
  const { families, series, labels } = source;
  const requests = to.family(CATALOGUE.backendRequests);
  const labelsOf = ({ a, c }: SeriesEntry): string => `backend="${labels.backend(a)}",status="${c}"`;
  for (const [text, same] of Map.groupBy(families.get(FAMILY.backendRequests) ?? [], labelsOf))
    to.sample(
      requests,
      text,
      same.reduce((sum, { slot }) => sum + series.value(slot), 0),
    );
  yield;
  const durations = Map.groupBy(
    families.get(FAMILY.backendDuration) ?? [],
    ({ a }) => `backend="${labels.backend(a)}"`,
  );
  const times = Array.from(durations, ([text, same]): ResponseTimes => {
    const slots = same.map(({ slot }) => slot);
    return { labels: text, slots, counts: sumOf(slots.map((slot) => series.fine(slot))) };
  });
  yield* writeResponseTimes(to, times, source.windows);
  yield;
  writeConnections(to, source);
}

function sumOf([first = new Float64Array(), ...others]: readonly Float64Array[]): Float64Array {
  return others.length === 0
    ? first
    : first.map((value, at) => others.reduce((sum, counts) => sum + (counts[at] as number), value));
}

function* writeResponseTimes(
  to: Exposition,
  times: readonly ResponseTimes[],
  windows: ResponseWindows,
): Generator<void> {
  const buckets = times.map(({ counts }) => coarseCounts(counts));
  const summary = to.family(CATALOGUE.backendResponseTime);
  for (const [i, { labels, slots, counts }] of times.entries()) {
    const values = windows.quantiles(slots, counts, QUANTILES);
    const count = (buckets[i] as number[]).reduce((sum, each) => sum + each, 0);
    const pairs = QUANTILES.map((quantile, at) => [quantile, values[at] as number] as const);
    to.summary(summary, labels, pairs, { sum: counts[FINE_SUM] as number, count });
    yield;
  }
  const histogram = to.family(CATALOGUE.backendDuration);
  for (const [i, { labels, counts }] of times.entries()) {
    to.histogram(histogram, labels, { counts: buckets[i] as number[], sum: counts[FINE_SUM] as number });
    yield;
  }
}

/** Backends that share a place are written once, together; one that a reload took away is there until its last request ends. */
function writeConnections(to: Exposition, { held, labels, places: planned, maxPerBackend }: BackendPageSource): void {
  const places = [...new Set([...[...planned].map(heldPlaceOf), ...held.placesInUse()])].toSorted((a, b) => a - b);
  const byLabel = Map.groupBy(
    places,
    (place) => `backend="${place === SHARED_PLACE ? labels.backend(LABEL_OTHER) : labels.backendAt(place)}"`,
  );
  const connections = to.family(CATALOGUE.backendConnections);
  for (const [text, same] of byLabel)
    for (const [state, cell] of STATES)
      to.sample(
        connections,
        `${text},state="${state}"`,
        same.reduce((sum, place) => sum + held.total(place, cell), 0),
      );
  const limit = to.family(CATALOGUE.backendConnectionsLimit);
  const most = maxPerBackend === 0 ? Infinity : maxPerBackend;
  for (const [text, same] of byLabel) if (!same.includes(SHARED_PLACE)) to.sample(limit, text, most * same.length);
}
