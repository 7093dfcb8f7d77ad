import type { CompileContext } from '../snapshot/compile-context.ts';
import { type CompiledSnapshot, SnapshotBuilder } from '../snapshot/compile.ts';
import type { SnapshotEntry } from '../snapshot/snapshot-entry.ts';
import { type PlanHead, routeOfText } from '../snapshot/traffic-plan.ts';
import type { BackendTarget } from '../upstream/registry.ts';

/** Longest time for which a worker that serves compiles without letting anything else run (DESIGN.md 4). */
const SLICE_MS = 4;

/** What a worker is told to prepare. */
export interface PrepareOrder {
  readonly head: PlanHead;
  /** Version of the plan that `kept` speaks of; it must be the one that runs. */
  readonly base: number;
  /** For each route its place in the plan `base`, where it is the same; -1 = it comes. Null = all come. */
  readonly kept: Int32Array | null;
}

/** What a preparation asks of its worker. */
export interface PreparationOwner {
  /** Makes what the backends need before their routes are compiled, step by step. */
  secure(backends: readonly BackendTarget[]): Generator<void, void>;
  /** Asks main for the next routes that come, from this place on. */
  routesWanted(from: number): void;
  prepared(snapshot: CompiledSnapshot): void;
  /** The plan cannot be compiled. */
  failed(error: unknown): void;
  /** Runs `step` when everything that waits had its turn, behind a fence. */
  later(step: () => void): void;
}

/**
 * The snapshot of a plan in the making: routes that stay are taken over, the others are pulled from main and compiled, slice by
 * slice, while the worker serves.
 */
export class Preparation {
  readonly version: number;
  readonly head: PlanHead;
  private readonly builder: SnapshotBuilder;
  private readonly owner: PreparationOwner;
  private readonly backends: ReadonlyMap<number, BackendTarget>;
  private readonly missing: number;
  private received = 0;
  private isOver = false;

  /** @param before entries that `order.kept` speaks of */
  constructor(order: PrepareOrder, before: readonly SnapshotEntry[], context: CompileContext, owner: PreparationOwner) {
    const { head, kept } = order;
    this.version = head.version;
    this.head = head;
    this.owner = owner;
    this.builder = new SnapshotBuilder(head, context);
    this.backends = new Map(head.backends.map((target) => [target.index, target]));
    this.missing = this.takeOver(head.routeCount, kept, before);
  }

  /** Asks for the first routes, when what their backends need is there. */
  start(): void {
    this.run(this.owner.secure(this.head.backends), () => {
      if (this.missing === 0) this.finish();
      else this.owner.routesWanted(0);
    });
  }

  /** Takes the next routes with their places. */
  take(places: readonly number[], texts: readonly string[]): void {
    if (this.isOver) return;
    try {
      places.forEach((place, i) => this.builder.compile(place, routeOfText(texts[i] as string, this.backends)));
    } catch (error) {
      this.isOver = true;
      this.owner.failed(error);
      return;
    }
    this.received += places.length;
    if (this.received >= this.missing) this.finish();
    else this.owner.routesWanted((places.at(-1) as number) + 1);
  }

  /** Nobody wants it any more. */
  drop(): void {
    this.isOver = true;
  }

  private takeOver(count: number, kept: Int32Array | null, before: readonly SnapshotEntry[]): number {
    if (kept === null) return count;
    let missing = 0;
    kept.forEach((old, place) => {
      if (old < 0) missing++;
      else this.builder.keep(place, before[old] as SnapshotEntry);
    });
    return missing;
  }

  private finish(): void {
    this.run(this.builder.finish(), (snapshot) => {
      this.isOver = true;
      this.owner.prepared(snapshot);
    });
  }

  /** Takes steps slice by slice, until they are over or nobody wants them any more. */
  private run<T>(steps: Generator<void, T>, done: (value: T) => void): void {
    this.owner.later(() => {
      if (this.isOver) return;
      const end = this.advance(steps);
      if (end !== null) done(end.value);
      else this.run(steps, done);
    });
  }

  /** One slice of work; what came of the steps when it was the last. */
  private advance<T>(steps: Generator<void, T>): IteratorReturnResult<T> | null {
    const startedMs = performance.now();
    try {
      while (performance.now() - startedMs < SLICE_MS) {
        const step = steps.next();
        if (step.done === true) return step;
      }
    } catch (error) {
      this.isOver = true;
      this.owner.failed(error);
    }
    return null;
  }
}
