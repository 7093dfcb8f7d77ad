import { RequestIds } from '../pipeline/request-ids.ts';
import type { RunnableSnapshot } from '../pipeline/pipeline.ts';
import type { CompileContext } from '../snapshot/compile-context.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import type { PlanHead } from '../snapshot/traffic-plan.ts';
import type { BackendRegistry } from '../upstream/registry.ts';
import { fenced } from '../wire/fence.ts';
import type { FromWorker } from './messages.ts';
import { Preparation, type PreparationOwner, type PrepareOrder } from './preparation.ts';

/** Before the first plan: the listeners are closed, nobody asks. */
const NOTHING: RunnableSnapshot = {
  edgeFilters: [],
  requestIds: new RequestIds({ enabled: false, header: 'X-Request-ID', generator: 'counter' }),
  match: () => null,
};

/** A snapshot and the plan that it was made of. */
interface Running {
  readonly head: PlanHead;
  readonly snapshot: CompiledSnapshot;
}

/** The snapshot that a worker runs, and the one that it prepares. Nothing that runs is touched before the commit. */
export class WorkerSnapshots {
  private running: Running | null = null;
  private prepared: Running | null = null;
  private preparation: Preparation | null = null;
  private readonly context: CompileContext;
  private readonly registry: BackendRegistry;
  private readonly send: (message: FromWorker) => void;

  constructor(context: CompileContext, registry: BackendRegistry, send: (message: FromWorker) => void) {
    this.context = context;
    this.registry = registry;
    this.send = send;
  }

  /** What new exchanges run on. */
  get current(): RunnableSnapshot {
    return this.running === null ? NOTHING : this.running.snapshot;
  }

  /** Begins to prepare a plan; an earlier preparation is dropped. */
  prepare(order: PrepareOrder): void {
    this.drop();
    const { version } = order.head;
    if (order.kept !== null && order.base !== this.running?.head.version) {
      this.fail(version, `it builds on version ${order.base}, not on version ${this.running?.head.version ?? 'none'}`);
      return;
    }
    const entries = this.running?.snapshot.entries ?? [];
    this.preparation = new Preparation(order, entries, this.context, this.ownerOf(order.head));
    this.preparation.start();
  }

  /** Takes routes of the plan that is being prepared. */
  take(version: number, places: readonly number[], texts: readonly string[]): void {
    if (this.preparation?.version === version) this.preparation.take(places, texts);
  }

  /** Runs what was prepared, from the next exchange on. */
  commit(version: number): void {
    const { prepared } = this;
    if (prepared === null || prepared.head.version !== version) return;
    this.prepared = null;
    this.running = prepared;
    this.registry.adopt(prepared.head.backends, prepared.head.pool);
    this.context.metrics.detail(prepared.head.endpoints.detailedMetrics);
    this.context.retryAllowance.configure(prepared.head.retryBudget);
    this.send({ type: 'committed', version });
  }

  /** Forgets what was prepared. */
  abort(version: number): void {
    if ((this.preparation ?? this.prepared?.head)?.version === version) this.drop();
  }

  private drop(): void {
    this.preparation?.drop();
    this.preparation = null;
    this.prepared = null;
    // Backends that only the dropped plan has were made already.
    if (this.running !== null) this.registry.adopt(this.running.head.backends, this.running.head.pool);
  }

  private ownerOf(head: PlanHead): PreparationOwner {
    const { version } = head;
    return {
      secure: (backends) => this.registry.secure(backends),
      routesWanted: (from) => this.send({ type: 'routesWanted', version, from }),
      prepared: (snapshot) => {
        this.preparation = null;
        this.prepared = { head, snapshot };
        this.send({ type: 'prepared', version });
      },
      failed: (error) => {
        this.drop();
        this.fail(version, error instanceof Error ? error.message : String(error));
      },
      later: (step) => void setImmediate(() => fenced(step)),
    };
  }

  private fail(version: number, reason: string): void {
    this.send({ type: 'prepareFailed', version, reason });
  }
}
