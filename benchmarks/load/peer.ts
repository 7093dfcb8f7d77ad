import type { Program } from './program.ts';
import type { Workspace } from './workspace.ts';

/** Where and how a proxy is started for one row. */
export interface Place {
  readonly workspace: Workspace;
  /** A folder of this instance's own. */
  readonly folder: string;
  readonly core: number;
  readonly port: number;
  readonly backendPort: number;
  /** The access log's file; `null` = no access log. */
  readonly accessLogPath: string | null;
}

/** True when a peer has a part in a row. */
export function takesPart(peer: Peer, row: string): boolean {
  return peer.rows?.includes(row) ?? true;
}

/** A proxy that can be measured. */
export interface Peer {
  readonly name: string;
  /** Names of the only rows that it has a part in; absent = all that compare with it. */
  readonly rows?: readonly string[];
  /** What is not installed and how to install it; `null` when it can be started. */
  findMissing(): string | null;
  /** Its version, for the line above the tables; empty when it does not tell. */
  readVersion(): string;
  /** Starts one instance with one worker and resolves when it answers. */
  start(place: Place): Promise<Program>;
}
