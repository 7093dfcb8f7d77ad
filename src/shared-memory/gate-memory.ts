import { GATE, GATE_ENTRIES, GATE_ROW, type GateRegions, gateRowStart, gateStart, timeCell } from './gate-cells.ts';
import { type SteadyClock, steadyClock } from './steady-clock.ts';

/** A breaker turned. */
export interface BreakerTurn {
  readonly kind: 'breaker';
  readonly from: string;
  readonly to: string;
  /** Failures in a row, or trials, that did it. */
  readonly failures?: number;
  /** The last one's. */
  readonly reason?: string;
  /** Trials that succeeded. */
  readonly successes?: number;
}

/** A backend was ejected, or came back. */
export interface EjectionChange {
  readonly kind: 'ejected' | 'returned';
  /** What it was ejected for. */
  readonly cause?: string;
  /** Failures in a row, or those of the window. */
  readonly failures?: number;
  /** Attempts of the window. */
  readonly requests?: number;
  readonly reason?: string;
  readonly ejectedMs?: number;
}

/** Something that happened to a gate. It is told exactly once, by the thread whose compare-and-swap did it. */
export type GateEvent = BreakerTurn | EjectionChange;
export type GateEventSink = (backend: number, event: GateEvent) => void;

/** What a thread needs to come to gates, the same for all backends. */
export class GateTable {
  readonly cells: Int32Array;
  readonly rows: Int32Array;
  readonly workers: number;
  /** Row of the worker, or -1 for main, which admits nothing. */
  readonly worker: number;
  readonly tell: GateEventSink;
  readonly clock: SteadyClock;

  constructor(regions: GateRegions, worker: number, tell: GateEventSink, clock: SteadyClock = steadyClock()) {
    this.cells = new Int32Array(regions.gates);
    this.rows = new Int32Array(regions.gateRows);
    this.workers = regions.workers;
    this.worker = worker;
    this.tell = tell;
    this.clock = clock;
  }
}

/** The cells of one backend's gate, and the own row of a worker. */
export class GateMemory {
  readonly clock: SteadyClock;
  private readonly table: GateTable;
  private readonly cells: Int32Array;
  private readonly rows: Int32Array;
  private readonly backend: number;
  private readonly start: number;
  private readonly own: number;
  private readonly slowStartMs: number;

  /** @param backend below GATE_ENTRIES */
  constructor(table: GateTable, backend: number, slowStartMs: number) {
    this.clock = table.clock;
    this.table = table;
    this.cells = table.cells;
    this.rows = table.rows;
    this.backend = backend;
    this.start = gateStart(backend);
    this.own = gateRowStart(table.worker, backend);
    this.slowStartMs = slowStartMs;
  }

  /** Tells that something happened; for the thread whose compare-and-swap did it. */
  tell(event: GateEvent): void {
    this.table.tell(this.backend, event);
  }

  /**
   * A plain read, for what is asked with every request: `Atomics.load` costs 15 ns, this nothing. Another thread's write may be seen
   * some nanoseconds later; whatever is decided by it is decided again by compare-and-swap.
   */
  peek(cell: number): number {
    return this.cells[this.start + cell] as number;
  }

  load(cell: number): number {
    return Atomics.load(this.cells, this.start + cell);
  }

  /** A cell of another backend; 0 for one that has no gate. */
  loadOf(backend: number, cell: number): number {
    return backend >= GATE_ENTRIES ? 0 : Atomics.load(this.cells, gateStart(backend) + cell);
  }

  store(cell: number, value: number): void {
    Atomics.store(this.cells, this.start + cell, value);
  }

  /** The new value. */
  add(cell: number, delta: number): number {
    return Atomics.add(this.cells, this.start + cell, delta) + delta;
  }

  /** Compare-and-swap: whether it was `from`, and is `to` now. */
  swap(cell: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.cells, this.start + cell, from, to) === from;
  }

  /** The worker holds so many trials more. */
  holdTrial(delta: number): void {
    Atomics.add(this.rows, this.own + GATE_ROW.trials, delta);
  }

  /** The worker holds no trials any more. */
  dropTrials(): void {
    Atomics.store(this.rows, this.own + GATE_ROW.trials, 0);
  }

  /** Trials that all workers have in flight. */
  trials(): number {
    return this.sumOf(GATE_ROW.trials);
  }

  /** Counts in the own row: one writer, no contention. */
  countOutcome(cell: typeof GATE_ROW.successes | typeof GATE_ROW.failures): void {
    const at = this.own + cell;
    this.rows[at] = ((this.rows[at] as number) + 1) | 0;
  }

  /** Outcomes of all workers, in 32 bits that wrap. */
  outcomes(cell: typeof GATE_ROW.successes | typeof GATE_ROW.failures): number {
    return this.sumOf(cell) | 0;
  }

  /** The backend comes back: from now on its share grows. Called before whatever keeps it out goes. */
  startSlowly(): void {
    if (this.slowStartMs > 0) this.store(GATE.recoveredAt, timeCell(this.clock()));
  }

  private sumOf(cell: number): number {
    let total = 0;
    for (let worker = 0; worker < this.table.workers; worker++)
      total += Atomics.load(this.rows, gateRowStart(worker, this.backend) + cell);
    return total;
  }
}
