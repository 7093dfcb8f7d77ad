import { BackendGates } from '../../shared-memory/backend-gates.ts';
import { ClientConnections } from '../../shared-memory/client-connections.ts';
import { Heartbeats } from '../../shared-memory/heartbeats.ts';
import { HeldBackends } from '../../shared-memory/held-backends.ts';
import { HeldValues } from '../../shared-memory/held.ts';
import type { Regions } from '../../shared-memory/regions.ts';

/** Shared rows: every worker may be replaced once while its predecessor still drains, and two may hang for good. */
export function rowsFor(workers: number): number {
  return workers * 2 + 2;
}

/** The workers' rows in shared memory: each belongs to one living thread, and comes back clean when the thread is gone. */
export class WorkerRows {
  private readonly free: number[];
  private readonly owners: readonly { reclaim(row: number): void }[];

  constructor(regions: Regions) {
    this.free = Array.from({ length: regions.workers }, (_, row) => row);
    this.owners = [
      new HeldValues(regions, -1),
      new HeldBackends(regions, -1),
      new BackendGates(regions),
      new ClientConnections(regions, -1),
      new Heartbeats(regions),
    ];
  }

  /** A row for a new thread; undefined when every one is in use. */
  take(): number | undefined {
    return this.free.shift();
  }

  /** The thread of a row is gone, or never came: what it held counts no more. */
  reclaim(row: number): void {
    for (const owner of this.owners) owner.reclaim(row);
    this.free.push(row);
  }
}
