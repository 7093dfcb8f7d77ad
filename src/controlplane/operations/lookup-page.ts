import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import { type Exposition, labelText } from '../../telemetry/metrics/exposition.ts';
import type { LookupFigures } from '../discovery/lookup-figures.ts';

/** For a program that looks nothing up. */
export const NO_LOOKUPS: LookupFigures = {
  lookups: { found: 0, absent: 0, failed: 0, timeout: 0 },
  lastSuccessMs: 0,
  names: () => ({ fresh: 0, stale: 0, unresolved: 0 }),
};

/** Writes the metrics of look-ups. */
export function writeLookups(to: Exposition, figures: LookupFigures): void {
  const lookups = to.family(CATALOGUE.dnsLookups);
  for (const [result, count] of Object.entries(figures.lookups)) to.sample(lookups, labelText('result', result), count);
  const names = to.family(CATALOGUE.dnsNames);
  for (const [state, count] of Object.entries(figures.names())) to.sample(names, labelText('state', state), count);
  to.single(CATALOGUE.dnsLastSuccess, figures.lastSuccessMs / 1_000);
}
