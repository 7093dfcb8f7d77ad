import { arch, cpus, release } from 'node:os';
import type { Bench } from './bench.ts';

/** The line above every table: without it the figures cannot be compared with others. */
export function describeSurroundings(bench: Bench): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const versions = bench.peers.map((peer) => `${peer.name} ${peer.readVersion()}`);
  const machine = `${model}, ${cpus().length} cores, Linux ${release()} ${arch()}`;
  const load = `slices of ${bench.sliceMs} ms, proxy on core ${bench.cores.proxy}, wrk -t1 -c64 and backend on core ${bench.cores.load}`;
  return `${machine}; Node ${process.versions.node}${versions.map((version) => `, ${version}`).join('')}; ${load}`;
}
