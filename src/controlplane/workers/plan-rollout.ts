import type { TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import { readSystemAuthorities } from '../../dataplane/upstream/tls/load-tls.ts';
import type { FromWorker, ToWorker } from '../../dataplane/worker/messages.ts';
import { SerializedPlan } from './serialized-plan.ts';

/** How a plan came out: it runs in all workers, or nothing was touched. */
export type RolloutOutcome = { readonly status: 'committed' } | { readonly status: 'aborted'; readonly reason: string };

/** A worker thread as far as plans go. */
export interface PlanTaker {
  readonly ordinal: number;
  send(message: ToWorker): void;
}

/** What a rollout tells whoever keeps the threads. */
export interface RolloutOwner {
  /** A thread runs its first plan. */
  running(thread: PlanTaker): void;
  /** A thread cannot take the plan that all others run: it is of no use. */
  unable(thread: PlanTaker, reason: string): void;
}

/** What workers say about plans. */
export type PlanMessage = Extract<
  FromWorker,
  { readonly type: 'routesWanted' | 'prepared' | 'prepareFailed' | 'committed' }
>;

/** Whether a message is about plans. */
export function isPlanMessage(message: FromWorker): message is PlanMessage {
  const { type } = message;
  return type === 'routesWanted' || type === 'prepared' || type === 'prepareFailed' || type === 'committed';
}

/** A plan on its way into the workers. */
interface Candidate {
  readonly plan: SerializedPlan;
  readonly kept: Int32Array;
  /** Those who have not prepared it yet; once it is committed, those who do not run it yet. */
  readonly waiting: Set<PlanTaker>;
  readonly prepared: Set<PlanTaker>;
  readonly settle: (outcome: RolloutOutcome) => void;
  isCommitted: boolean;
}

/** Longest time for all workers to prepare a plan; a worker that hangs is replaced before. */
const PREPARE_MS = 30_000;

/**
 * Brings plans into the workers: prepare in every one, then commit in all, or abort and leave everything as it was (DESIGN.md
 * 4). A worker that is born gets the plan that runs; one that does not run it yet when the next one is committed gets that one then.
 */
export class PlanRollout {
  private current: SerializedPlan;
  private candidate: Candidate | null = null;
  /** Threads that run a plan, with its version; 0 = none yet. */
  private readonly versions: Map<PlanTaker, number> = new Map();
  /** Threads that take no new plan and still answer requests, with the version that they stay at. */
  private readonly leaving: Map<PlanTaker, number> = new Map();
  private readonly owner: RolloutOwner;

  constructor(plan: TrafficPlan, owner: RolloutOwner) {
    this.current = serialize(plan);
    this.owner = owner;
  }

  /** Version of the plan that runs. */
  get version(): number {
    return this.current.version;
  }

  /** A thread was started. */
  born(thread: PlanTaker): void {
    this.versions.set(thread, 0);
    this.prepareCurrent(thread);
  }

  /** Oldest version by which a thread may still answer requests; 0 while one begins. */
  get oldestVersion(): number {
    return Math.min(this.current.version, ...this.versions.values(), ...this.leaving.values());
  }

  /** A thread takes no new plan: it drains. */
  leaves(thread: PlanTaker): void {
    this.leaving.set(thread, this.versions.get(thread) ?? this.leaving.get(thread) ?? 0);
    this.versions.delete(thread);
    this.settleFor(thread);
  }

  /** A thread is gone. */
  gone(thread: PlanTaker): void {
    this.leaving.delete(thread);
    this.versions.delete(thread);
    this.settleFor(thread);
  }

  /** Brings a plan into all workers; one at a time. */
  async roll(plan: TrafficPlan): Promise<RolloutOutcome> {
    if (this.candidate !== null) return { status: 'aborted', reason: 'another plan is on its way' };
    const serialized = serialize(plan);
    const { promise, resolve } = Promise.withResolvers<RolloutOutcome>();
    const kept = serialized.keptFrom(this.current);
    const base = this.current.version;
    const waiting = new Set([...this.versions].flatMap(([thread, version]) => (version === base ? [thread] : [])));
    const prepared = new Set<PlanTaker>();
    const candidate: Candidate = { plan: serialized, kept, waiting, prepared, settle: resolve, isCommitted: false };
    this.candidate = candidate;
    const order = { head: serialized.head, base, kept };
    for (const thread of waiting) thread.send({ type: 'prepare', order });
    const timer = setTimeout(() => this.abort(candidate, this.lateText(candidate)), PREPARE_MS).unref();
    this.advance(candidate);
    const outcome = await promise;
    clearTimeout(timer);
    this.candidate = null;
    return outcome;
  }

  /** Handles what a thread says. */
  message(thread: PlanTaker, message: PlanMessage): void {
    if (!this.versions.has(thread)) return;
    if (message.type === 'routesWanted') this.sendRoutes(thread, message.version, message.from);
    else if (message.type === 'prepared') this.prepared(thread, message.version);
    else if (message.type === 'committed') this.committed(thread, message.version);
    else this.failed(thread, message.version, message.reason);
  }

  private prepareCurrent(thread: PlanTaker): void {
    thread.send({ type: 'prepare', order: { head: this.current.head, base: 0, kept: null } });
  }

  private sendRoutes(thread: PlanTaker, version: number, from: number): void {
    const { candidate, current } = this;
    const isCandidate = candidate !== null && candidate.plan.version === version && candidate.waiting.has(thread);
    if (!isCandidate && version !== current.version) return;
    const slice = isCandidate ? candidate.plan.slice(from, candidate.kept) : current.slice(from, null);
    thread.send({ type: 'routes', version, ...slice });
  }

  private prepared(thread: PlanTaker, version: number): void {
    const { candidate } = this;
    // Another version is one that was aborted, or that an order for the one that runs has followed already.
    if (version === this.current.version) thread.send({ type: 'commit', version });
    else if (candidate?.plan.version === version && candidate.waiting.delete(thread)) {
      candidate.prepared.add(thread);
      this.advance(candidate);
    }
  }

  private committed(thread: PlanTaker, version: number): void {
    const isFirst = this.versions.get(thread) === 0;
    this.versions.set(thread, version);
    if (isFirst) this.owner.running(thread);
    if (this.candidate?.plan.version === version) this.settleFor(thread);
  }

  private failed(thread: PlanTaker, version: number, reason: string): void {
    const { candidate } = this;
    if (version === this.current.version) this.owner.unable(thread, reason);
    else if (candidate?.plan.version === version) this.abort(candidate, `worker ${thread.ordinal}: ${reason}`);
  }

  private settleFor(thread: PlanTaker): void {
    const { candidate } = this;
    if (candidate === null || !candidate.waiting.delete(thread)) return;
    this.advance(candidate);
  }

  /** Commits when everyone is prepared; it is done when everyone runs it. */
  private advance(candidate: Candidate): void {
    if (candidate.waiting.size > 0) return;
    if (candidate.isCommitted) {
      candidate.settle({ status: 'committed' });
      return;
    }
    candidate.isCommitted = true;
    this.current = candidate.plan;
    for (const thread of this.versions.keys()) {
      if (candidate.prepared.has(thread)) {
        candidate.waiting.add(thread);
        thread.send({ type: 'commit', version: candidate.plan.version });
      } else {
        // It was starting, or behind: the routes that it asks for next are of a plan that is gone.
        this.prepareCurrent(thread);
      }
    }
    if (candidate.waiting.size === 0) candidate.settle({ status: 'committed' });
  }

  private abort(candidate: Candidate, reason: string): void {
    if (this.candidate !== candidate || candidate.isCommitted) return;
    for (const thread of this.versions.keys()) thread.send({ type: 'abort', version: candidate.plan.version });
    candidate.settle({ status: 'aborted', reason });
  }

  private lateText({ waiting }: Candidate): string {
    const names = [...waiting].map(({ ordinal }) => ordinal).join(', ');
    return `worker ${names} did not prepare the configuration within ${PREPARE_MS / 1_000} s`;
  }
}

/** Writes a plan down, and does here what would hold up every worker that prepares it. */
function serialize(plan: TrafficPlan): SerializedPlan {
  const serialized = new SerializedPlan(plan);
  if (serialized.head.backends.some(({ tlsName }) => tlsName !== null)) readSystemAuthorities();
  return serialized;
}
