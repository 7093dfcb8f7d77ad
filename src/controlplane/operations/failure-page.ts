import { ERROR_CODES } from '../../base/errors/error-number.ts';
import { faultOf } from '../../base/errors/fault.ts';
import type { SeriesEntry } from '../../shared-memory/counters.ts';
import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import type { Exposition } from '../../telemetry/metrics/exposition.ts';
import { FAMILY } from '../../telemetry/metrics/families.ts';
import { sumOfHistograms } from './distinct-series.ts';
import type { LabelTexts } from './label-texts.ts';
import type { SeriesByFamily, SharedSeries } from './shared-series.ts';

const LABELS: readonly string[] = ERROR_CODES.map((code) => `code="${code}",fault="${faultOf(code)}"`);

/** Failed requests since the start, by number of their code. */
export function failureCounts(entries: Iterable<SeriesEntry>, series: SharedSeries): number[] {
  const counts = ERROR_CODES.map(() => 0);
  for (const { family, a, slot } of entries)
    if (family === FAMILY.failures && a < counts.length) counts[a] = series.value(slot);
  return counts;
}

/**
 * Writes the failed requests. Every code is there from the start: a series that is born with its first failure would hide that
 * failure from `rate` and `increase`.
 */
export function writeFailures(to: Exposition, counts: readonly number[], recent: readonly number[]): void {
  const total = to.family(CATALOGUE.failures);
  for (const [i, labels] of LABELS.entries()) to.sample(total, labels, counts[i] ?? 0);
  const last = to.family(CATALOGUE.failuresRecent);
  for (const [i, labels] of LABELS.entries()) if ((recent[i] ?? 0) > 0) to.sample(last, labels, recent[i] ?? 0);
  const aborts = ERROR_CODES.reduce(
    (sum, code, i) => (code.startsWith('client_abort_') ? sum + (counts[i] ?? 0) : sum),
    0,
  );
  to.single(CATALOGUE.clientAborts, aborts);
}

/** Writes the failed attempts of backends, and how long attempts waited for a connection. */
export function* writeBackendFailures(
  to: Exposition,
  families: SeriesByFamily,
  series: SharedSeries,
  labels: LabelTexts,
): Generator<void> {
  const failures = to.family(CATALOGUE.backendFailures);
  const labelsOf = ({ a, c }: SeriesEntry): string =>
    `backend="${labels.backend(a)}",code="${ERROR_CODES[c] ?? 'other'}"`;
  for (const [text, same] of Map.groupBy(families.get(FAMILY.backendFailures) ?? [], labelsOf))
    to.sample(
      failures,
      text,
      same.reduce((sum, { slot }) => sum + series.value(slot), 0),
    );
  yield;
  const waits = [
    [CATALOGUE.backendQueue, FAMILY.backendQueue],
    [CATALOGUE.backendConnect, FAMILY.backendConnect],
  ] as const;
  for (const [family, number] of waits) {
    const name = to.family(family);
    for (const [text, same] of Map.groupBy(families.get(number) ?? [], ({ a }) => `backend="${labels.backend(a)}"`)) {
      to.histogram(name, text, sumOfHistograms(same.map(({ slot }) => series.histogram(slot))));
      yield;
    }
  }
}
