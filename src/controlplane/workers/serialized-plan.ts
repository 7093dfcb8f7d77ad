import { type PlanHead, routeText, type TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import type { BackendTarget } from '../../dataplane/upstream/registry.ts';

/** Routes in one message: 10,000 in one stalled a worker for 90 ms (DESIGN.md 4). */
const ROUTES_PER_MESSAGE = 25;

/** Some routes of a plan with their places. */
export interface PlanSlice {
  readonly places: readonly number[];
  readonly texts: readonly string[];
}

/** A plan as it goes to the workers: every route is written down once, for all of them and for the next comparison. */
export class SerializedPlan {
  readonly head: PlanHead;
  private readonly texts: readonly string[];

  constructor(plan: TrafficPlan) {
    const { routes, ...rest } = plan;
    const backends = new Map<number, BackendTarget>();
    for (const { targets } of routes) for (const { backend } of targets) backends.set(backend.index, backend);
    this.texts = routes.map(routeText);
    this.head = { ...rest, backends: [...backends.values()], routeCount: routes.length };
  }

  get version(): number {
    return this.head.version;
  }

  /** For each route its place in `before` where it is the same there, else -1: it is compiled anew. */
  keptFrom(before: SerializedPlan): Int32Array {
    // Compiled routes hold the key; a worker that starts later would sign with another one than they.
    if (before.head.stickySecret !== this.head.stickySecret) return new Int32Array(this.texts.length).fill(-1);
    const places = new Map(before.texts.map((text, place) => [text, place]));
    return Int32Array.from(this.texts, (text) => places.get(text) ?? -1);
  }

  /** The next routes from a place on that are not kept. */
  slice(from: number, kept: Int32Array | null): PlanSlice {
    const places: number[] = [];
    for (let place = from; place < this.texts.length && places.length < ROUTES_PER_MESSAGE; place++)
      if (kept === null || (kept[place] as number) < 0) places.push(place);
    return { places, texts: places.map((place) => this.texts[place] as string) };
  }
}
