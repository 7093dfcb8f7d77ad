import type { ImportEdge } from './imports.ts';

/**
 * Import circles, type imports included: one line for each group of files that all reach each other, as the shortest way
 * round from its first file.
 */
export function findCircles(edges: readonly ImportEdge[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to, isRelative } of edges) {
    if (isRelative) targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const reported = new Set<string>();
  const circles: string[] = [];
  for (const start of [...targets.keys()].toSorted()) {
    const way = reported.has(start) ? null : shortestWayBack(start, targets);
    if (way === null) continue;
    for (const file of way) reported.add(file);
    circles.push(`import circle: ${[...way, start].join(' -> ')}`);
  }
  return circles;
}

/** The files of the shortest way from `start` back to itself, beginning with `start`. */
function shortestWayBack(start: string, targets: ReadonlyMap<string, readonly string[]>): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const next of targets.get(file) ?? []) {
      if (next === start) return wayTo(file, { start, cameFrom });
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return null;
}

function wayTo(file: string, { start, cameFrom }: { start: string; cameFrom: ReadonlyMap<string, string> }): string[] {
  const way = [file];
  for (let step = file; step !== start;) {
    step = cameFrom.get(step) ?? start;
    way.unshift(step);
  }
  return way;
}
