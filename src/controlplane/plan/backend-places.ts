import type { TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import { SHARED_PLACE } from '../../shared-memory/held-backends.ts';

/** Who knows whether anybody still comes to the shared state of a backend, and wipes it. */
export interface PlaceOwner {
  /** Oldest version of a plan by which a thread may still answer requests. */
  readonly oldestVersion: number;
  /** Whether anything at a place waits for its end, such as a stream of a backend that is gone. */
  isHeld(place: number): boolean;
  /** A backend comes back to its place: what was found out about it does not count any more. */
  reopen(place: number): void;
  /** Another backend comes to a place: everything about the one before goes. */
  clear(place: number): void;
}

/**
 * Gives backends their places in shared memory, by the indexes of their series. A program that runs for months sees ever new
 * backends, such as the pods of a cluster, and there are only as many places as a program has backends at a time; so a place goes
 * to another backend when no plan has its own any more and no thread can come to it. Who is back before that finds it again.
 */
export class BackendPlaces {
  private readonly owner: PlaceOwner;
  private readonly places: Map<number, number> = new Map();
  /** Backend of each place. */
  private readonly backends: number[] = [];
  /** Backends that no plan has, with the version of the first plan without them, in the order of these versions. */
  private readonly gone: Map<number, number> = new Map();
  /** Backends of the plan that is being made. */
  private readonly wanted: Set<number> = new Set();
  /** Of the plan that runs, and its version. */
  private running: ReadonlySet<number> = new Set();
  private version = 0;
  /** Goes through those that are gone, once for a plan. */
  private leaving: Iterator<[backend: number, since: number]> | null = null;

  constructor(owner: PlaceOwner) {
    this.owner = owner;
  }

  /** Place of a backend of the plan that is being made. */
  placeOf(backend: number): number {
    const known = this.places.get(backend);
    this.wanted.add(backend);
    if (known === undefined) return this.take(backend);
    if (this.gone.has(backend)) this.owner.reopen(known);
    return known;
  }

  /** The backend that has a place or had it last; undefined when nobody ever had. */
  backendAt(place: number): number | undefined {
    return this.backends[place];
  }

  /** A plan is going to be made: backends that only one had which was not taken are gone. */
  begin(): void {
    this.settle();
  }

  /** The plan that was made runs: backends that it has not are gone. */
  runs(plan: TrafficPlan): void {
    this.running = new Set(plan.routes.flatMap(({ targets }) => targets.map(({ backend }) => backend.index)));
    this.version = plan.version;
    this.settle();
  }

  private settle(): void {
    const { running, gone, version } = this;
    this.wanted.clear();
    this.leaving = null;
    for (const backend of this.places.keys()) {
      if (running.has(backend)) gone.delete(backend);
      else if (!gone.has(backend)) gone.set(backend, version);
    }
  }

  /** Places that have gauges of their own come first, new before used ones: counters of who comes back go on. */
  private take(backend: number): number {
    const fresh = this.backends.length;
    const place = fresh < SHARED_PLACE ? fresh : (this.takeBack() ?? fresh);
    this.backends[place] = backend;
    this.places.set(backend, place);
    return place;
  }

  /** The place of the backend that is gone the longest; null when none can be given away. */
  private takeBack(): number | null {
    const { gone, owner } = this;
    this.leaving ??= gone.entries();
    for (let next = this.leaving.next(); next.done !== true; next = this.leaving.next()) {
      const [backend, since] = next.value;
      if (since > owner.oldestVersion) continue;
      const place = this.places.get(backend) as number;
      if (this.wanted.has(backend) || owner.isHeld(place)) continue;
      gone.delete(backend);
      this.places.delete(backend);
      owner.clear(place);
      return place;
    }
    return null;
  }
}
