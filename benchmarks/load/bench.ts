import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cores } from './machine.ts';
import { findFreePort } from './machine.ts';
import type { Peer } from './peer.ts';
import type { Program } from './program.ts';
import type { Workspace } from './workspace.ts';

/** What all rows of a run share. */
export interface Bench {
  readonly workspace: Workspace;
  readonly cores: Cores;
  readonly backend: Program;
  /** What the bars are for: rwwwrse, or the command of `--candidate`. */
  readonly candidate: Peer;
  /** The installed peers that were asked for. */
  readonly peers: readonly Peer[];
  readonly pairs: number;
  readonly sliceMs: number;
  /** Load before the first slice counts: just-in-time compilers and pools. */
  readonly warmUpMs: number;
  /** Descriptors that one program may open. */
  readonly descriptorLimit: number;
  /** Progress, for the person who waits. */
  say(line: string): void;
}

/** Starts one instance of a proxy before the backend, with a folder, a port and, if asked for, an access log of its own. */
export async function startInstance(bench: Bench, peer: Peer, accessLog: boolean): Promise<Program> {
  const port = await findFreePort();
  const folder = join(bench.workspace.folder, `${peer.name}-${port}`);
  mkdirSync(folder);
  return peer.start({
    workspace: bench.workspace,
    folder,
    core: bench.cores.proxy,
    port,
    backendPort: bench.backend.port,
    accessLogPath: accessLog ? join(folder, 'access.log') : null,
  });
}

/** The one line of an error. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
