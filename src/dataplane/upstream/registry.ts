import type { SecureContext } from 'node:tls';
import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import type { BackendPolicy } from '../../config/resilience-settings.ts';
import { BackendGate } from '../../shared-memory/backend-gate.ts';
import type { BackendFactsTable } from '../../shared-memory/backend-facts.ts';
import { GATE_ENTRIES } from '../../shared-memory/gate-cells.ts';
import type { GateTable } from '../../shared-memory/gate-memory.ts';
import { type HeldBackends, heldPlaceOf } from '../../shared-memory/held-backends.ts';
import type { WorkerLog } from '../../telemetry/logs/worker-log.ts';
import type { WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import type { WireTarget } from '../wire/open.ts';
import { OutcomeRecorder } from './backend-outcome.ts';
import { Backend } from './backend.ts';
import { createClientHeaders } from './client-headers.ts';
import { ConnectLog } from './connect-log.ts';
import { type Dialer, PLAIN_DIALER } from './dialer.ts';
import { Pool, type PoolBackend, type PoolLimits } from './pool.ts';
import { LoggedPoolGauges, PoolGauges, type PoolTotals } from './pool-gauges.ts';
import { loadTlsInSteps } from './tls/load-tls.ts';
import { SecureContexts } from './tls/secure-contexts.ts';
import { TlsDialer } from './tls/tls-dialer.ts';

/** A backend as the control plane describes it: names are resolved already, a worker never looks one up (DESIGN.md 5). */
export interface BackendTarget {
  /** Which backend it is, in all workers and for the life of the program: other settings make another one. */
  readonly index: number;
  /** Index of its series, which all backends of one name share. */
  readonly series: number;
  /** Where its state in shared memory is; another backend's when it is gone and no worker has it any more. */
  readonly place: number;
  /** Identity: scheme, host, port and base path as configured. */
  readonly name: string;
  readonly authority: string;
  readonly basePath: string;
  /** Where it is reached; none when the name could not be resolved. */
  readonly addresses: readonly WireTarget[];
  /** Connections are secured, and the certificate must be for this name or address; null = they are plain. */
  readonly tlsName: string | null;
  readonly policy: BackendPolicy;
}

/** What all backends of a worker share. */
export interface RegistryContext {
  readonly wheel: TimerWheel;
  readonly metrics: WorkerMetrics;
  readonly held: HeldBackends;
  readonly facts: BackendFactsTable;
  readonly gates: GateTable;
  /** Told about connections at debug level; null = nobody is told. */
  readonly log: WorkerLog | null;
}

/** The living backends of a worker, by index, which is their identity: a snapshot that names one again gets the same object with its connections. */
export class BackendRegistry {
  private readonly backends: Map<number, Backend> = new Map();
  private readonly context: RegistryContext;
  private readonly pools: PoolTotals = { idle: 0 };
  private readonly secureContexts: SecureContexts = new SecureContexts();
  /** Contexts that were made ahead of their backends. */
  private readonly contextsAhead: Set<SecureContext> = new Set();

  constructor(context: RegistryContext) {
    this.context = context;
  }

  /** The backend of a target, made when it is new. */
  acquire(target: BackendTarget, limits: PoolLimits): Backend {
    const found = this.backends.get(target.index);
    if (found !== undefined) return found;
    const { wheel, metrics, held, facts, gates, log } = this.context;
    const heldPlace = heldPlaceOf(target.place);
    const isLogged = log !== null && log.writes('debug');
    const gauges = isLogged
      ? new LoggedPoolGauges(held, heldPlace, this.pools, (message) =>
          log.write('debug', message, { backend: target.name }),
        )
      : new PoolGauges(held, heldPlace, this.pools);
    const pool = new Pool(this.poolBackend(target), limits, wheel, gauges);
    const outcomes = new OutcomeRecorder(facts, target.place);
    const gate = target.place < GATE_ENTRIES ? new BackendGate(gates, target.place, target.policy) : null;
    const backend = new Backend(target, pool, { metrics: metrics.backend(target.series), outcomes, gate });
    this.backends.set(target.index, backend);
    return backend;
  }

  /**
   * Makes what the secured ones of these backends need, so that `acquire` has nothing left to do that takes long: parsing
   * certificates took 60 ms and more at once. To be used before {@link adopt}.
   *
   * @returns one step after the other; throws what is wrong with a certificate
   */
  *secure(targets: readonly BackendTarget[]): Generator<void, void> {
    for (const { tlsName, policy } of targets) {
      if (tlsName === null) continue;
      yield* loadTlsInSteps();
      this.contextsAhead.add(this.secureContexts.of(policy.tls));
      yield;
    }
  }

  /**
   * Makes these the backends: addresses and limits of known ones change in place, those that are not among them close what is
   * idle and are forgotten; requests that they still answer end by themselves. From then on this worker writes nothing more to
   * the places of those, which others may get.
   */
  adopt(targets: readonly BackendTarget[], limits: PoolLimits): void {
    this.contextsAhead.clear();
    const kept = new Set<number>();
    for (const target of targets) {
      kept.add(target.index);
      this.backends.get(target.index)?.update(target.addresses, limits);
    }
    for (const [index, backend] of this.backends) {
      if (kept.has(index)) continue;
      backend.leave();
      this.backends.delete(index);
    }
  }

  private poolBackend({ name, addresses, tlsName, policy }: BackendTarget): PoolBackend {
    const log = new ConnectLog(this.context.log, name);
    return {
      addresses,
      dialer: tlsName === null ? PLAIN_DIALER : this.tlsDialer(tlsName, policy, log),
      clientHeaders: policy.proxyProtocol === 0 ? null : createClientHeaders(policy.proxyProtocol),
      addressFailed: (failure) => log.addressFailed(failure),
      // Workers that all began at the first address would send their first requests there together.
      firstTurn: Math.floor(Math.random() * addresses.length),
    };
  }

  private tlsDialer(serverName: string, { tls }: BackendPolicy, log: ConnectLog): Dialer {
    const context = this.secureContexts.of(tls);
    return new TlsDialer({ serverName, verify: tls.verify, context }, (cause) => log.alerted(cause));
  }

  /** Closes the idle connections of all backends; at the end of a drain. */
  close(): void {
    for (const backend of this.backends.values()) backend.close();
  }
}
