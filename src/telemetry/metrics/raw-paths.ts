import type { PathTable } from '../../shared-memory/path-table.ts';
import { LABEL_OTHER, RAW_PATH_FIRST } from './families.ts';
import type { RouteMetrics } from './route-metrics.ts';

/**
 * Series by the path of the request instead of the path of its route, for RWWWRSE_DETAILED_METRICS. A client chooses the paths:
 * only the first ones have series, all others count as `other`.
 */
export class RawPaths {
  private readonly table: PathTable;
  private readonly open: (index: number) => RouteMetrics;
  private readonly known: Map<string, RouteMetrics> = new Map();
  private readonly other: RouteMetrics;

  /** @param open makes the series of an index */
  constructor(table: PathTable, open: (index: number) => RouteMetrics) {
    this.table = table;
    this.open = open;
    this.other = open(LABEL_OTHER);
  }

  /** Series of a path without query. */
  of(path: string): RouteMetrics {
    return this.known.get(path) ?? this.find(path);
  }

  /** What has no number is not remembered: a client could fill the memory with it. */
  private find(path: string): RouteMetrics {
    const number = this.table.indexOf(path);
    if (number < 0) return this.other;
    const series = this.open(RAW_PATH_FIRST + number);
    this.known.set(path, series);
    return series;
  }
}
