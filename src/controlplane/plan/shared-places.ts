import { BackendFactsTable } from '../../shared-memory/backend-facts.ts';
import { BackendGates } from '../../shared-memory/backend-gates.ts';
import { CheckFactsTable } from '../../shared-memory/check-facts.ts';
import { HeldBackends } from '../../shared-memory/held-backends.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import type { PlaceOwner } from './backend-places.ts';

/** What backends have at their places: gates, facts, and gauges of what is held. */
export class SharedPlaces implements PlaceOwner {
  private readonly gates: BackendGates;
  private readonly facts: BackendFactsTable;
  private readonly checks: CheckFactsTable;
  private readonly held: HeldBackends;
  private readonly versionOf: () => number;

  /** @param versionOf gives the oldest version of a plan by which a thread may still answer requests */
  constructor(regions: Regions, versionOf: () => number) {
    this.gates = new BackendGates(regions);
    this.facts = new BackendFactsTable(regions, -1);
    this.checks = new CheckFactsTable(regions);
    this.held = new HeldBackends(regions, -1);
    this.versionOf = versionOf;
  }

  get oldestVersion(): number {
    return this.versionOf();
  }

  isHeld(place: number): boolean {
    return this.held.isInUse(place);
  }

  reopen(place: number): void {
    this.gates.reopen(place);
  }

  clear(place: number): void {
    this.gates.clear(place);
    this.facts.clear(place);
    this.checks.clear(place);
  }
}
