import { type Metrics, sumOf } from '../../support/metrics.ts';
import type { BackendCounts } from './messages.ts';
import type { ClientCounts } from './steady-lane.ts';
import { count, differences, sumOfTallies, type Tally, total } from './tally.ts';

/** Everything that was counted, by whomever. */
export interface AllCounts {
  readonly metrics: Metrics;
  readonly clients: readonly ClientCounts[];
  /** By address. */
  readonly backends: ReadonlyMap<string, BackendCounts>;
  /** Address of the backend that cannot be reached, and of the one whose requests may or may not arrive. */
  readonly dead: string;
  readonly unsure: string;
  readonly log: Tally;
  /** Connections that the drill itself opened. */
  readonly ownConnections: number;
}

const LOST = ' /lost ';
const ABORTED = '499';

/** Every count that is not what the others counted, in words; there must be none. */
export function disagreements(all: AllCounts): string[] {
  return [
    ...all.clients.flatMap(({ surprises }) => surprises),
    ...requestsFaults(all),
    ...histogramFaults(all.metrics),
    ...backendFaults(all),
    ...responseTimeFaults(all),
    ...connectionFaults(all),
    ...differences('defects', {}, nonZero({ all: sumOf(all.metrics, 'rwwwrse_internal_defects_total') })),
  ];
}

/** Values of a family by the values of its labels, joined by spaces; zeros left out. */
function seriesOf(metrics: Metrics, family: string): Tally {
  const tally: Tally = {};
  for (const [series, value] of metrics) {
    if (!series.startsWith(`${family}{`) || value === 0) continue;
    tally[Array.from(series.matchAll(/="([^"]*)"/g), ([, label]) => label).join(' ')] = value;
  }
  return tally;
}

function nonZero(tally: Tally): Tally {
  return Object.fromEntries(Object.entries(tally).filter(([, n]) => n !== 0));
}

function without(tally: Tally, part: string): Tally {
  return Object.fromEntries(Object.entries(tally).filter(([key]) => !key.includes(part)));
}

/** Requests: what clients saw = the counters = the access log. Requests that a reset may have swallowed: log = counters. */
function requestsFaults({ metrics, clients, log }: AllCounts): string[] {
  const counted = without(seriesOf(metrics, 'rwwwrse_requests_total'), ' /metrics ');
  const seen = sumOfTallies(clients.map(({ exchanges }) => exchanges));
  const lost = total(counted) - total(without(counted, LOST));
  const sent = clients.reduce((sum, { unsure }) => sum + unsure, 0);
  const dropped = sumOf(metrics, 'rwwwrse_access_log_lines_dropped_total');
  const aborted = Object.entries(counted).reduce((sum, [key, n]) => sum + (key.endsWith(ABORTED) ? n : 0), 0);
  return [
    ...differences('requests, clients against counters', seen, without(counted, LOST)),
    ...(lost <= sent ? [] : [`requests: ${lost} of ${sent} that may be lost were counted`]),
    ...(dropped > 0 ? [] : differences('requests, counters against access log', counted, log)),
    ...differences('access log lines', { all: total(counted) }, { all: total(log) + dropped }),
    ...differences('aborts', { all: aborted }, { all: sumOf(metrics, 'rwwwrse_client_aborts_total') }),
  ];
}

/** Each request is in the histogram of its method and path, once. */
function histogramFaults(metrics: Metrics): string[] {
  const requests: Tally = {};
  for (const [key, n] of Object.entries(seriesOf(metrics, 'rwwwrse_requests_total')))
    count(requests, key.slice(0, key.lastIndexOf(' ')), n);
  const counts = seriesOf(metrics, 'rwwwrse_request_duration_seconds_count');
  const infinite: Tally = {};
  for (const [key, n] of Object.entries(seriesOf(metrics, 'rwwwrse_request_duration_seconds_bucket')))
    if (key.endsWith(' +Inf')) infinite[key.slice(0, -' +Inf'.length)] = n;
  return [...differences('durations', requests, counts), ...differences('buckets', requests, infinite)];
}

/** What an attempt that asked for this is counted as. */
function attemptStatus(action: string): string {
  if (action === 'part' || action === 'cut') return '200';
  if (action === 'reset') return '502';
  if (action === 'tunnel') return '101';
  return action === 'hold' ? ABORTED : action.slice(1);
}

/**
 * Attempts: what each backend was asked = the counters. A request that is sent a second time asks twice and is counted once, so
 * the attempts that a backend closed are compared in all. What a client took back at once may not have arrived.
 */
function backendFaults({ metrics, clients, backends, dead, unsure }: AllCounts): string[] {
  const counted = seriesOf(metrics, 'rwwwrse_backend_requests_total');
  const expected: Tally = {};
  for (const [backend, { asked }] of backends) {
    if (backend === unsure) continue;
    for (const [action, n] of Object.entries(asked)) count(expected, `${backend} ${attemptStatus(action)}`, n);
  }
  const refused = clients.reduce((sum, { exchanges }) => sum + (exchanges['GET /dead 502'] ?? 0), 0);
  expected[`${dead} 502`] = refused;
  const retries = sumOf(metrics, 'rwwwrse_upstream_retries_total');
  const isReset = (key: string): boolean => key.endsWith(' 502') && !key.startsWith(dead);
  const resets = (tally: Tally): number =>
    Object.entries(tally).reduce((sum, [key, n]) => sum + (isReset(key) ? n : 0), 0);
  const others = (tally: Tally): Tally =>
    Object.fromEntries(Object.entries(tally).filter(([key]) => !isReset(key) && !key.startsWith(unsure)));
  const arrived = total({ ...backends.get(unsure)?.asked });
  const attempts = total(counted) - total(without(counted, unsure));
  return [
    ...differences('attempts', others(expected), others(counted)),
    ...differences('attempts that were closed', { all: resets(expected) }, { all: resets(counted) + retries }),
    ...(arrived <= attempts ? [] : [`attempts: ${attempts} counted, but ${arrived} arrived at ${unsure}`]),
  ];
}

/** Statuses of attempts that ended without an answer; no backend of the drill gives them as answers. */
const UNANSWERED = new Set(['502', '504', ABORTED]);

/** Response times: one for each attempt that was answered, and for no other. */
function responseTimeFaults({ metrics }: AllCounts): string[] {
  const answered: Tally = {};
  for (const [key, n] of Object.entries(seriesOf(metrics, 'rwwwrse_backend_requests_total'))) {
    const [backend = '', status = ''] = key.split(' ');
    if (!UNANSWERED.has(status)) count(answered, backend, n);
  }
  return ['rwwwrse_backend_request_duration_seconds_count', 'rwwwrse_backend_response_time_count'].flatMap((family) =>
    differences(family, answered, seriesOf(metrics, family)),
  );
}

/** Connections: what clients opened = what was accepted; those that were reset at once may be in between. */
function connectionFaults({ metrics, clients, ownConnections }: AllCounts): string[] {
  const opened = clients.reduce((sum, { connections }) => sum + connections, ownConnections);
  const unsure = clients.reduce((sum, client) => sum + client.unsure, 0);
  const accepted = sumOf(metrics, 'rwwwrse_connections_accepted_total');
  if (accepted >= opened && accepted <= opened + unsure) return [];
  return [`connections: ${accepted} accepted, ${opened} opened and ${unsure} that may be lost`];
}
