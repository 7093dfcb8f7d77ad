import type { StaticSettings } from '../../config/resolved-config.ts';
import type { GateEvent } from '../../shared-memory/gate-memory.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import type { LogEntry } from '../../telemetry/logs/log-entry.ts';
import type { OperationsState } from '../../telemetry/operations-state.ts';
import type { Collection } from '../../telemetry/metrics/worker-metrics.ts';
import type { PrepareOrder } from './preparation.ts';

/** Raised when the meaning of a message changes. */
export const MESSAGES_VERSION = 3;

/** One socket that a worker listens on. */
export interface ListenOrder {
  /** Name of the listener in the settings. */
  readonly listener: string;
  /** What to bind: options of `net.Server.listen`. */
  readonly socket: unknown;
}

/** One socket that a worker listens on, for whoever hands it to another process. */
export interface ListeningSocket {
  /** Name of the listener in the settings. */
  readonly listener: string;
  /** Descriptor in this process; it belongs to the worker's thread and to no other. */
  readonly fd: number;
}

/** What a worker is born with. */
export interface WorkerBirth {
  readonly messagesVersion: number;
  /** Place among the workers, 0 to count-1: decides round-robin starts and shares. */
  readonly ordinal: number;
  /** Row in shared memory; no other living thread writes it. */
  readonly row: number;
  readonly count: number;
  readonly regions: Regions;
  readonly settings: StaticSettings;
  readonly collection: Collection;
  readonly via: string;
  readonly clientSeed: string;
  readonly hostname: string;
  readonly version: string;
  readonly state: OperationsState;
}

/** Main to worker. */
export type ToWorker =
  | { readonly type: 'listen'; readonly orders: readonly ListenOrder[] }
  | { readonly type: 'state'; readonly state: OperationsState }
  | { readonly type: 'prepare'; readonly order: PrepareOrder }
  | {
      readonly type: 'routes';
      readonly version: number;
      readonly places: readonly number[];
      readonly texts: readonly string[];
    }
  | { readonly type: 'commit'; readonly version: number }
  | { readonly type: 'abort'; readonly version: number }
  | { readonly type: 'metrics'; readonly id: number; readonly text: string | null }
  /** No new connections, then the last answers; `forMs` later the thread is ended. */
  | { readonly type: 'drain'; readonly forMs: number }
  | { readonly type: 'stop' };

/** Worker to main. */
export type FromWorker =
  | { readonly type: 'routesWanted'; readonly version: number; readonly from: number }
  | { readonly type: 'prepared'; readonly version: number }
  | { readonly type: 'prepareFailed'; readonly version: number; readonly reason: string }
  | { readonly type: 'committed'; readonly version: number }
  | { readonly type: 'listening'; readonly sockets: readonly ListeningSocket[] }
  | { readonly type: 'listenFailed'; readonly listener: string; readonly code: string }
  | { readonly type: 'metricsWanted'; readonly id: number; readonly openMetrics: boolean }
  | { readonly type: 'gate'; readonly backend: number; readonly event: GateEvent }
  | { readonly type: 'log'; readonly entries: readonly LogEntry[] }
  | { readonly type: 'defect'; readonly fatal: boolean; readonly message: string; readonly stack: string }
  | { readonly type: 'drained' };
