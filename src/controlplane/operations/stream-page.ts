import type { SeriesEntry } from '../../shared-memory/counters.ts';
import { HELD, type HeldValues } from '../../shared-memory/held.ts';
import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import type { MetricFamily } from '../../telemetry/metrics/metric-family.ts';
import type { Exposition } from '../../telemetry/metrics/exposition.ts';
import { FAMILY, STREAM_KINDS, TUNNEL_DIRECTIONS, TUNNEL_ENDS } from '../../telemetry/metrics/families.ts';
import type { SeriesByFamily, SharedSeries } from './shared-series.ts';

const EVENT_STREAM = STREAM_KINDS.indexOf('event_stream');

/** Writes the metrics of tunnels and of server-sent events. */
export function writeStreams(
  to: Exposition,
  families: SeriesByFamily,
  series: SharedSeries,
  held: Pick<HeldValues, 'total'>,
): void {
  const tunnels = to.family(CATALOGUE.tunnels);
  to.sample(tunnels, 'protocol="websocket"', held.total(HELD.webSockets));
  to.sample(tunnels, 'protocol="other"', held.total(HELD.otherTunnels));
  const write = (family: MetricFamily, names: readonly string[], entries: readonly SeriesEntry[] = []): void => {
    const name = to.family(family);
    for (const { a, slot } of entries) {
      const value = names[a];
      if (value !== undefined) to.sample(name, `${family.labels[0]}="${value}"`, series.value(slot));
    }
  };
  const opened = families.get(FAMILY.streamsOpened) ?? [];
  write(
    CATALOGUE.tunnelsOpened,
    STREAM_KINDS,
    opened.filter(({ a }) => a !== EVENT_STREAM),
  );
  write(CATALOGUE.tunnelsClosed, TUNNEL_ENDS, families.get(FAMILY.tunnelsClosed));
  write(CATALOGUE.tunnelBytes, TUNNEL_DIRECTIONS, families.get(FAMILY.tunnelBytes));
  to.single(CATALOGUE.eventStreams, held.total(HELD.eventStreams));
  const events = opened.find(({ a }) => a === EVENT_STREAM);
  to.single(CATALOGUE.eventStreamsOpened, events === undefined ? 0 : series.value(events.slot));
}
