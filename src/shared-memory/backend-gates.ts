import { BREAKER_STATES, type BreakerState, breakerStateOf } from './breaker.ts';
import { EJECTION_CAUSES, isEjectedUntil } from './ejection.ts';
import {
  GATE,
  GATE_ENTRIES,
  GATE_FLAG,
  GATE_ROW,
  type GateRegions,
  gateRowStart,
  gateStart,
  timeCell,
} from './gate-cells.ts';
import { type SteadyClock, steadyClock } from './steady-clock.ts';

/** Cells of what requests have shown. Not the trials: they are those of requests that still run. */
const FOUND_OUT: readonly number[] = [
  GATE.breaker,
  GATE.ejectedUntil,
  GATE.recoveredAt,
  GATE.breakerFailures,
  GATE.failuresInRow,
  GATE.trialSuccesses,
  GATE.ejectionsInRow,
  GATE.returnedAt,
  GATE.windowAt,
];

/** A gate as it is shown. */
export interface GateState {
  readonly circuit: BreakerState;
  readonly isEjected: boolean;
  /** Active checks say so. */
  readonly isUnhealthy: boolean;
  /** An operator took it out. */
  readonly isOut: boolean;
  /** How often its breaker turned to each of {@link BREAKER_STATES}. */
  readonly turns: readonly number[];
  /** How often it was ejected for each of {@link EJECTION_CAUSES}. */
  readonly ejections: readonly number[];
}

/** What main does to the gates of all backends, by their places. Places beyond the gates do nothing. */
export class BackendGates {
  private readonly cells: Int32Array;
  private readonly rows: Int32Array;
  private readonly workers: number;
  private readonly clock: SteadyClock;

  constructor(regions: GateRegions, clock: SteadyClock = steadyClock()) {
    this.cells = new Int32Array(regions.gates);
    this.rows = new Int32Array(regions.gateRows);
    this.workers = regions.workers;
    this.clock = clock;
  }

  /** Tells all workers what the active checks of a backend say. One that is healthy again starts slowly, where that is asked for. */
  setUnhealthy(backend: number, unhealthy: boolean): void {
    this.setFlag(backend, GATE_FLAG.unhealthy, unhealthy);
  }

  /** Takes a backend out for an operator, or back in: no request goes there, not even when no other backend is left. */
  setOut(backend: number, out: boolean): void {
    this.setFlag(backend, GATE_FLAG.out, out);
  }

  /** Whether active checks say that a backend is unhealthy. */
  isUnhealthy(backend: number): boolean {
    return this.hasFlag(backend, GATE_FLAG.unhealthy);
  }

  /** Whether an operator took a backend out. */
  isOut(backend: number): boolean {
    return this.hasFlag(backend, GATE_FLAG.out);
  }

  /** What a gate shows; null beyond the gates. */
  state(backend: number): GateState | null {
    if (backend >= GATE_ENTRIES) return null;
    const at = gateStart(backend);
    const load = (cell: number): number => Atomics.load(this.cells, at + cell);
    return {
      circuit: breakerStateOf(load(GATE.breaker)),
      isEjected: isEjectedUntil(load(GATE.ejectedUntil), this.clock()),
      isUnhealthy: (load(GATE.flags) & GATE_FLAG.unhealthy) !== 0,
      isOut: (load(GATE.flags) & GATE_FLAG.out) !== 0,
      turns: BREAKER_STATES.map((_, state) => load(GATE.turns + state)),
      ejections: EJECTION_CAUSES.map((_, cause) => load(GATE.ejections + cause)),
    };
  }

  /** Forgets everything about a backend that is gone for good: the place is another's. No thread may come to it meanwhile. */
  clear(backend: number): void {
    if (backend >= GATE_ENTRIES) return;
    for (let cell = gateStart(backend); cell < gateStart(backend + 1); cell++) Atomics.store(this.cells, cell, 0);
    for (let worker = 0; worker < this.workers; worker++)
      Atomics.store(this.rows, gateRowStart(worker, backend) + GATE_ROW.trials, 0);
  }

  /** Forgets what was found out about a backend of an earlier configuration; nothing is told. What is counted stays. */
  reopen(backend: number): void {
    if (backend >= GATE_ENTRIES) return;
    const at = gateStart(backend);
    for (const cell of FOUND_OUT) Atomics.store(this.cells, at + cell, 0);
  }

  /** Gives back the trials that a dead worker had in flight. */
  reclaim(worker: number): void {
    for (let backend = 0; backend < GATE_ENTRIES; backend++)
      Atomics.store(this.rows, gateRowStart(worker, backend) + GATE_ROW.trials, 0);
  }

  private setFlag(backend: number, flag: number, on: boolean): void {
    if (backend >= GATE_ENTRIES) return;
    const at = gateStart(backend);
    if (on) {
      Atomics.or(this.cells, at + GATE.flags, flag);
      return;
    }
    if (!this.hasFlag(backend, flag)) return;
    // Before the flag goes: nobody may see the backend as one that had always been there.
    Atomics.store(this.cells, at + GATE.recoveredAt, timeCell(this.clock()));
    Atomics.and(this.cells, at + GATE.flags, ~flag);
  }

  private hasFlag(backend: number, flag: number): boolean {
    return backend < GATE_ENTRIES && (Atomics.load(this.cells, gateStart(backend) + GATE.flags) & flag) !== 0;
  }
}
