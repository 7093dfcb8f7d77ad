import { describeError, startInstance } from './bench.ts';
import type { Bench } from './bench.ts';
import { findShortcuts, findWrongAnswer } from './fairness.ts';
import { takesPart } from './peer.ts';
import type { Peer } from './peer.ts';
import type { Program } from './program.ts';
import type { LoadRow } from './rows.ts';
import { measureSlice } from './slice.ts';
import type { Slice } from './slice.ts';
import { estimateMedian, pairRatios } from './statistics.ts';
import type { Estimate } from './statistics.ts';

/** What one program did in a row. */
export interface Measured {
  readonly name: string;
  readonly slices: readonly Slice[];
  /** The candidate's CPU time per request as a multiple of this program's; `null` for the candidate and for the control. */
  readonly ratio: Estimate | null;
  /** Why the figures mean nothing; empty when they are sound. */
  readonly problems: readonly string[];
  /** Work that it leaves undone and the others do. */
  readonly shortcuts: readonly string[];
}

/** A row that was measured. */
export interface LoadResult {
  readonly row: LoadRow;
  readonly candidate: Measured;
  readonly others: readonly Measured[];
  /** CPU time per request of the second nginx as a multiple of the first's; `null` when nginx took no part. */
  readonly control: Estimate | null;
}

/** A program that takes part, with what it has done so far. */
interface Member {
  readonly program: Program;
  readonly slices: Slice[];
  readonly problems: string[];
  readonly shortcuts: readonly string[];
}

/**
 * Measures one row: the candidate with nginx and a second nginx (the control) in one interleaving, then with every other peer. The
 * candidate lives through the whole row; of the peers only those being measured run.
 */
export async function measureLoadRow(bench: Bench, row: LoadRow): Promise<LoadResult> {
  const candidate = await admit(bench, row, bench.candidate);
  const others: Measured[] = [];
  let control: Estimate | null = null;
  for (const peer of bench.peers.filter((known) => takesPart(known, row.name))) {
    if (peer.name !== 'nginx' && row.otherPairShare === 0) continue;
    const group = peer.name === 'nginx' ? [peer, peer] : [peer];
    try {
      const [first, second] = await measureGroup(bench, row, candidate, group);
      if (first !== undefined) others.push(first);
      if (second !== undefined) control = relate(second.slices, first?.slices ?? []);
    } catch (error) {
      // A candidate that failed ends the run; a peer that failed is named, and the others are still worth measuring.
      void candidate.program.pids;
      const problem = describeError(error).replace(`${peer.name}: `, '');
      bench.say(`${row.name}: ${peer.name} FAILED: ${problem}`);
      others.push({ name: peer.name, slices: [], ratio: null, problems: [problem], shortcuts: [] });
    }
  }
  await candidate.program.stop();
  return { row, candidate: summarise(candidate, null), others, control };
}

async function measureGroup(
  bench: Bench,
  row: LoadRow,
  candidate: Member,
  peers: readonly Peer[],
): Promise<Measured[]> {
  const isReference = peers.length > 1;
  const pairs = Math.max(1, Math.ceil(bench.pairs * (isReference ? row.pairShare : row.otherPairShare)));
  bench.say(
    `${row.name}: ${candidate.program.name} with ${peers[0]?.name}${isReference ? ' and the control' : ''}, pairs: ${pairs}`,
  );
  const members: Member[] = [];
  try {
    for (const peer of peers) members.push(await admit(bench, row, peer));
    const start = candidate.slices.length;
    for (let pair = 0; pair < pairs; pair++) await measureRound(bench, row, [candidate, ...members], pair);
    return members.map((member) => summarise(member, relate(candidate.slices.slice(start), member.slices)));
  } finally {
    await Promise.all(members.map((member) => member.program.stop()));
  }
}

/** One slice of each, every second time in the opposite order: A B B A cancels a drift of the machine that is steady. */
async function measureRound(bench: Bench, row: LoadRow, members: readonly Member[], round: number): Promise<void> {
  for (const member of round % 2 === 0 ? members : members.toReversed()) {
    const slice = await measureSlice(bench.workspace, member.program, {
      path: row.path,
      durationMs: bench.sliceMs * row.sliceShare,
    });
    member.slices.push(slice);
    member.problems.push(...slice.problems);
  }
}

/** Starts a program, sees that it gives the backend's answers and does the same work as the others, and warms it up. */
async function admit(bench: Bench, row: LoadRow, peer: Peer): Promise<Member> {
  const program = await startInstance(bench, peer, row.accessLog);
  const problems = await findWrongAnswer(program, row.path, row.bodyBytes);
  const shortcuts = await findShortcuts(program);
  for (const shortcut of shortcuts) bench.say(`${row.name}: ${program.name} ${shortcut}`);
  await measureSlice(bench.workspace, program, { path: row.path, durationMs: bench.warmUpMs });
  return { program, slices: [], problems, shortcuts };
}

function relate(numerators: readonly Slice[], denominators: readonly Slice[]): Estimate {
  const costs = [numerators, denominators].map((slices) => slices.map((slice) => slice.cpuUsPerRequest));
  return estimateMedian(pairRatios(costs[0] ?? [], costs[1] ?? []));
}

function summarise(member: Member, ratio: Estimate | null): Measured {
  const { program, slices, shortcuts } = member;
  return { name: program.name, slices, ratio, problems: [...new Set(member.problems)], shortcuts };
}
