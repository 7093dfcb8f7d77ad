import { setTimeout as pause } from 'node:timers/promises';
import { readResidentBytes } from './accounting.ts';
import { describeError, startInstance } from './bench.ts';
import type { Bench } from './bench.ts';
import { openIdleConnections } from './idle-connections.ts';
import { takesPart } from './peer.ts';
import type { Peer } from './peer.ts';
import type { Program } from './program.ts';
import { IDLE_ROW } from './rows.ts';
import { runWrk } from './wrk.ts';

/** What idle connections cost one program. */
export interface IdleMeasured {
  readonly name: string;
  readonly connections: number;
  readonly beforeBytes: number;
  readonly afterBytes: number;
  readonly bytesPerConnection: number;
  readonly problems: readonly string[];
}

/** The idle row: the candidate first. */
export interface IdleResult {
  readonly candidate: IdleMeasured;
  readonly others: readonly IdleMeasured[];
}

/** Descriptors that a program needs besides its idle connections. */
const SPARE_DESCRIPTORS = 1000;
/** Lets a program give back what it used while opening, and garbage collectors come to rest. */
const SETTLE_MS = 2000;

/** Opens 10,000 idle connections to every program in turn, or as many as the descriptor limit allows, and says so. */
export async function measureIdleRow(bench: Bench): Promise<IdleResult> {
  const connections = Math.min(IDLE_ROW.connections, bench.descriptorLimit - SPARE_DESCRIPTORS);
  if (connections < IDLE_ROW.connections) {
    bench.say(
      `${IDLE_ROW.name}: only ${connections} connections, the descriptor limit is ${bench.descriptorLimit} and may not be raised`,
    );
  }
  const candidate = await measureIdle(bench, bench.candidate, connections);
  const others: IdleMeasured[] = [];
  for (const peer of bench.peers.filter((known) => takesPart(known, IDLE_ROW.name))) {
    others.push(await measureIdle(bench, peer, connections));
  }
  return { candidate, others };
}

async function measureIdle(bench: Bench, peer: Peer, connections: number): Promise<IdleMeasured> {
  bench.say(`${IDLE_ROW.name}: ${peer.name}`);
  const nothing = {
    name: peer.name,
    connections,
    beforeBytes: Number.NaN,
    afterBytes: Number.NaN,
    bytesPerConnection: Number.NaN,
  };
  try {
    const program = await startInstance(bench, peer, false);
    try {
      return await measureProgram(bench, program, connections);
    } finally {
      await program.stop();
    }
  } catch (error) {
    const problem = describeError(error).replace(`${peer.name}: `, '');
    bench.say(`${IDLE_ROW.name}: ${peer.name} FAILED: ${problem}`);
    return { ...nothing, problems: [problem] };
  }
}

async function measureProgram(bench: Bench, program: Program, connections: number): Promise<IdleMeasured> {
  // Code compiled and pools filled by the first requests are no cost of a connection.
  await runWrk(bench.workspace, `${program.url}/`, bench.warmUpMs);
  await pause(SETTLE_MS);
  const beforeBytes = readResidentBytes(program.pids);
  const idle = await openIdleConnections(program.port, connections);
  try {
    await pause(SETTLE_MS);
    const afterBytes = readResidentBytes(program.pids);
    const open = idle.countOpen();
    return {
      name: program.name,
      connections,
      beforeBytes,
      afterBytes,
      bytesPerConnection: (afterBytes - beforeBytes) / connections,
      problems: open === connections ? [] : [`${connections - open} of ${connections} connections were closed`],
    };
  } finally {
    idle.close();
  }
}
