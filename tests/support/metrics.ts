import { getOnce } from './http-client.ts';

/** Values of a metrics page by series, such as `name{label="x"}`. */
export type Metrics = ReadonlyMap<string, number>;

/** Reads the metrics of a program. */
export async function readMetrics(port: number): Promise<Metrics> {
  const { status, body } = await getOnce(port, '/metrics');
  if (status !== 200) throw new Error(`/metrics answered ${status}: ${body}`);
  const values = new Map<string, number>();
  for (const line of body.split('\n')) {
    const space = line.lastIndexOf(' ');
    if (space > 0 && !line.startsWith('#')) values.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return values;
}

/** Sum of all series of a family whose labels contain `label`. */
export function sumOf(metrics: Metrics, family: string, label = ''): number {
  let sum = 0;
  for (const [series, value] of metrics)
    if ((series === family || series.startsWith(`${family}{`)) && series.includes(label)) sum += value;
  return sum;
}

/** Values that only say what is held right now; all are 0 when nothing runs, the connection of the reader itself apart. */
export function heldNow(metrics: Metrics): Record<string, number> {
  return {
    otherConnections: sumOf(metrics, 'rwwwrse_active_connections') - 1,
    otherRequests: sumOf(metrics, 'rwwwrse_active_requests') - 1,
    upstreamActive: sumOf(metrics, 'rwwwrse_upstream_connections_active'),
    upstreamIdle: sumOf(metrics, 'rwwwrse_upstream_connections_idle'),
    bufferBytes: sumOf(metrics, 'rwwwrse_buffer_bytes'),
  };
}

/** Value of one series of a program; 0 when it has none. */
export async function metricValue(port: number, series: string): Promise<number> {
  return (await readMetrics(port)).get(series) ?? 0;
}
