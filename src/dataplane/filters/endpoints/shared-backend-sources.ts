import { type BackendFacts, BackendFactsTable } from '../../../shared-memory/backend-facts.ts';
import { BackendGates, type GateState } from '../../../shared-memory/backend-gates.ts';
import { type CheckFacts, CheckFactsTable } from '../../../shared-memory/check-facts.ts';
import { BACKEND_HELD, HeldBackends, heldPlaceOf, SHARED_PLACE } from '../../../shared-memory/held-backends.ts';
import type { Regions } from '../../../shared-memory/regions.ts';
import type { BackendConnections, BackendSources } from './backend-reports.ts';

/** What all workers together know of backends, read from shared memory: the same answer from every worker. */
export class SharedBackendSources implements BackendSources {
  private readonly table: BackendFactsTable;
  private readonly checked: CheckFactsTable;
  private readonly gates: BackendGates;
  private readonly held: HeldBackends;

  constructor(regions: Regions) {
    this.table = new BackendFactsTable(regions, -1);
    this.checked = new CheckFactsTable(regions);
    this.gates = new BackendGates(regions);
    this.held = new HeldBackends(regions, -1);
  }

  facts(place: number): BackendFacts | null {
    return this.table.read(place);
  }

  checks(place: number): CheckFacts | null {
    return this.checked.read(place);
  }

  gate(place: number): GateState | null {
    return this.gates.state(place);
  }

  connections(place: number): BackendConnections | null {
    const heldPlace = heldPlaceOf(place);
    if (heldPlace === SHARED_PLACE) return null;
    return {
      active: this.held.total(heldPlace, BACKEND_HELD.active),
      idle: this.held.total(heldPlace, BACKEND_HELD.idle),
      pending: this.held.total(heldPlace, BACKEND_HELD.pending),
    };
  }
}
