import assert from 'node:assert/strict';

import { SharedBreaker } from '../../src/shared-memory/breaker.ts';
import { type GateEvent, GateMemory, GateTable } from '../../src/shared-memory/gate-memory.ts';
import { createRegions, type Regions } from '../../src/shared-memory/regions.ts';

/** The backend of all tests of breakers, and what its breaker is told. */
export const BACKEND = 5;
export const BREAKER = { threshold: 3, openMs: 1_000, maxTrials: 2, successThreshold: 2 };
export const WORKERS = 4;

/** The breaker of one backend as four workers see it, at a time that the test sets. */
export class BreakerStage {
  nowMs: number;
  readonly regions: Regions = createRegions(WORKERS);
  readonly told: GateEvent[] = [];
  readonly breakers: readonly SharedBreaker[];
  readonly main: SharedBreaker;

  constructor(settings: typeof BREAKER | null = BREAKER, startMs = 1_000_000) {
    this.nowMs = startMs;
    const breakerOf = (worker: number): SharedBreaker => {
      const table = new GateTable(
        this.regions,
        worker,
        (_, event) => this.told.push(event),
        () => this.nowMs,
      );
      return new SharedBreaker(new GateMemory(table, BACKEND, 0), settings);
    };
    this.breakers = Array.from({ length: WORKERS }, (_, worker) => breakerOf(worker));
    this.main = breakerOf(-1);
  }

  at(worker: number): SharedBreaker {
    return this.breakers[worker % WORKERS] as SharedBreaker;
  }

  get trials(): number {
    return new GateMemory(new GateTable(this.regions, -1, () => undefined), BACKEND, 0).trials();
  }

  open(): void {
    for (let i = 0; i < BREAKER.threshold; i++) this.at(i).failed(this.at(i).admit(), 'reset');
    assert.equal(this.main.state, 'open');
  }

  turns(): string[] {
    return this.told.map((event) => (event.kind === 'breaker' ? event.to : event.kind));
  }
}
