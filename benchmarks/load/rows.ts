import { SMALL_BODY_BYTES } from './backend/backend.ts';

/** A row of the table that is measured under load. */
export interface LoadRow {
  readonly name: string;
  readonly path: string;
  readonly bodyBytes: number;
  readonly accessLog: boolean;
  /** Pairs with nginx, as a share of `--pairs`. */
  readonly pairShare: number;
  /** Pairs with each other peer, as a share of `--pairs`: their bars are far away, or they have none. 0 = nginx only. */
  readonly otherPairShare: number;
  /**
   * Length of a slice, as a multiple of `--slice-ms`. Requests under way at its end cost CPU and are not counted: 64 of them are
   * nothing beside 40,000 small ones and 6 % of the megabytes of one second.
   */
  readonly sliceShare: number;
  /** Largest CPU time per request, as a multiple of a peer's. */
  readonly ratioLimits: Readonly<Record<string, number>>;
  /** Largest resident memory under load. */
  readonly residentLimitBytes: number;
}

const THIRD = 1 / 3;
/** Decimal, the stricter reading of MB. */
const MB = 1e6;

/** The rows under load with their bars. */
export const LOAD_ROWS: readonly LoadRow[] = [
  {
    name: 'small',
    path: '/',
    bodyBytes: SMALL_BODY_BYTES,
    accessLog: false,
    pairShare: 1,
    otherPairShare: 0.25,
    sliceShare: 1,
    ratioLimits: { nginx: 1.5, caddy: THIRD, 'http-proxy': THIRD, fastify: THIRD },
    residentLimitBytes: 100 * MB,
  },
  {
    name: 'small+log',
    path: '/',
    bodyBytes: SMALL_BODY_BYTES,
    accessLog: true,
    pairShare: 1,
    otherPairShare: 0,
    sliceShare: 1,
    ratioLimits: { nginx: 1.65 },
    residentLimitBytes: 100 * MB,
  },
  {
    name: '64k',
    path: '/bodies/64k',
    bodyBytes: 64 * 1024,
    accessLog: false,
    pairShare: 0.5,
    otherPairShare: 0.15,
    sliceShare: 1,
    ratioLimits: { nginx: 1.35 },
    residentLimitBytes: 160 * MB,
  },
  {
    name: '1m',
    path: '/bodies/1m',
    bodyBytes: 1024 * 1024,
    accessLog: false,
    pairShare: 0.4,
    otherPairShare: 0.1,
    sliceShare: 2,
    ratioLimits: { nginx: 1.5 },
    residentLimitBytes: 160 * MB,
  },
];

/** The row of idle connections. */
export const IDLE_ROW = { name: 'idle10k', connections: 10_000, limitBytesPerConnection: 7000 } as const;

/** Every row that `--rows` knows. */
export const ROW_NAMES: readonly string[] = [...LOAD_ROWS.map((row) => row.name), IDLE_ROW.name];
