import { SERIES_OTHER } from '../../shared-memory/counters.ts';

/** Families whose series are written by workers; the numbers are part of the shared-memory layout. */
export const FAMILY = {
  /** a = route, b = method, c = status. */
  requests: 1,
  /** a = route, b = method; one slot per bucket, then the sum of seconds. */
  requestDuration: 2,
  /** a = backend, c = status. */
  backendRequests: 3,
  /** a = one of the WORKER_COUNTERS. */
  worker: 4,
  /** a = backend; the slots of a fine histogram. */
  backendDuration: 5,
  /** a = ordinal of the worker; slots as requestDuration. */
  loopDelay: 6,
  /** a = ordinal of the worker, b = index in GC_KINDS; slots as requestDuration. */
  gcDuration: 7,
  /** b = method; one slot per bucket of SIZE_BUCKETS, +Inf, then the sum of bytes. */
  requestSize: 8,
  /** As requestSize. */
  responseSize: 9,
  /** a = index in RETRY_REASONS. */
  retries: 10,
  /** a = index in RETRY_DENIALS. */
  retryDenials: 11,
  /** a = index in STREAM_KINDS. */
  streamsOpened: 30,
  /** a = index in TUNNEL_ENDS. */
  tunnelsClosed: 31,
  /** a = index in TUNNEL_DIRECTIONS. */
  tunnelBytes: 32,
  /** a = number of the code. */
  failures: 12,
  /** a = backend, c = number of the code. */
  backendFailures: 13,
  /** a = backend; slots as requestDuration. */
  backendQueue: 14,
  /** As backendQueue. */
  backendConnect: 15,
  /** c = status. */
  endpointRequests: 16,
} as const;

/** Upper bounds of the duration buckets in seconds (SPEC D.1); values above the last count in +Inf. */
export const DURATION_BUCKETS: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Slots of a duration histogram: the buckets, +Inf, the sum. */
export const DURATION_SLOTS: number = DURATION_BUCKETS.length + 2;

/** Upper bounds of the size buckets in bytes (SPEC D.1). */
export const SIZE_BUCKETS: readonly number[] = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
/** Slots of a size histogram: the buckets, +Inf, the sum. */
export const SIZE_SLOTS: number = SIZE_BUCKETS.length + 2;

/** Values of the `method` label; any other token counts as the last, so that a client cannot make series. */
export const METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'OTHER',
];
const METHOD_INDEX: ReadonlyMap<string, number> = new Map(METHODS.map((name, index) => [name, index]));

/** Index of a method in {@link METHODS}. */
export function methodIndexOf(method: string): number {
  return METHOD_INDEX.get(method) ?? METHODS.length - 1;
}

/** Counters of a worker that have no labels but their name. */
export const WORKER_COUNTERS = ['connections_accepted', 'connections_refused', 'internal_defects'] as const;
export type WorkerCounter = (typeof WORKER_COUNTERS)[number];

/** Why requests are sent again: causes of a route's policy, and a reused connection that died under a request. */
export const RETRY_REASONS = ['idle_race', 'connect', 'reset', 'timeout', '429', '502', '503', '504'] as const;
export type RetryReason = (typeof RETRY_REASONS)[number];

/** Why a request that failed for a cause which its route retries was not sent again. */
export const RETRY_DENIALS = ['attempts', 'method', 'body', 'deadline', 'budget'] as const;
export type RetryDenial = (typeof RETRY_DENIALS)[number];

/** What stays open until somebody ends it. */
export const STREAM_KINDS = ['websocket', 'other', 'event_stream'] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

/** Who ended a tunnel: one of its sides, its idle limit, a drain, or (cut) a stop that could not wait or a defect. */
export const TUNNEL_ENDS = ['client', 'backend', 'idle', 'drain', 'cut'] as const;
export type TunnelEnd = (typeof TUNNEL_ENDS)[number];

/** Ways through a tunnel. */
export const TUNNEL_DIRECTIONS = ['to_backend', 'to_client'] as const;
export type TunnelDirection = (typeof TUNNEL_DIRECTIONS)[number];

/** Values of the `kind` label of garbage collections. */
export const GC_KINDS: readonly string[] = ['minor', 'incremental', 'major', 'other'];

/** Series of exchanges that no route took. */
export const ROUTE_UNMATCHED = 0;
/** Index of the first path that has series of its own. */
export const ROUTE_FIRST = 1;
/** Indexes from here on are raw paths by their number in the path table. */
export const RAW_PATH_FIRST = 0x800000;
/** Series of all paths, or of all backends, for which there was no room. */
export const LABEL_OTHER: number = SERIES_OTHER;
