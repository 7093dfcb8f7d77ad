import { splitTarget } from '../../../../src/base/http/request-path.ts';
import { compileMatch } from '../../../../src/dataplane/router/route-match.ts';
import { RouteTable } from '../../../../src/dataplane/router/route-table.ts';
import { parsedHead } from '../../../../tests/support/parsed-head.ts';
import { routeMatch } from '../../../../tests/support/route-match.ts';
import { measure } from '../../measure.ts';

/** Requests that are looked up in turn, so that neither the processor's cache nor the compiler knows the answer. */
const REQUESTS = 1_024;

function tableOf(hosts: number, paths: number): RouteTable<number> {
  const entries = Array.from({ length: hosts * paths }, (_, i) => ({
    name: `r${i}`,
    match: compileMatch(routeMatch({ host: `h${Math.floor(i / paths)}.example.com`, path: `/service${i % paths}/v1` })),
    route: i,
  }));
  return new RouteTable(entries);
}

for (const [hosts, paths] of [
  [1, 10],
  [10_000, 10],
  [1, 10_000],
] as const) {
  const before = process.memoryUsage().heapUsed;
  const table = tableOf(hosts, paths);
  globalThis.gc?.();
  const megabytes = (process.memoryUsage().heapUsed - before) / 1_048_576;
  const requests = Array.from({ length: REQUESTS }, (_, i) => {
    // Every host name is a string of its own, as a parser makes it: a known one would have its hash already.
    const host = `h${(i * 7_919) % hosts}.example.com`;
    return parsedHead(`GET /service${(i * 31) % paths}/v1/users?id=${i}`, host);
  });
  let at = 0;
  measure(
    `RouteTable.match among ${hosts * paths} routes of ${hosts} hosts (${megabytes.toFixed(1)} MB with gc)`,
    () => {
      const head = requests[at++ & (REQUESTS - 1)] as (typeof requests)[number];
      return table.match(head.host, splitTarget(head.target).path, head) === null ? 0 : 1;
    },
  );
}
