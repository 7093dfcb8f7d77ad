import type { PathTable } from '../../shared-memory/path-table.ts';
import { LABEL_OTHER, RAW_PATH_FIRST } from '../../telemetry/metrics/families.ts';

/** Names of series by their indexes. */
export interface SeriesLabels {
  pathLabel(route: number): string;
  backendLabel(backend: number): string;
  /** Of the backend that has a place in shared memory, or had it last. */
  placeLabel(place: number): string;
}

const OTHER = 'other';

/** Values of the labels `path` and `backend` by the indexes of series, escaped for an exposition. */
export class LabelTexts {
  private readonly labels: SeriesLabels;
  private readonly paths: PathTable;

  constructor(labels: SeriesLabels, paths: PathTable) {
    this.labels = labels;
    this.paths = paths;
  }

  /** Path of a route, or raw path. */
  path(index: number): string {
    if (index === LABEL_OTHER) return OTHER;
    // A number is published before its text; it has one by the next page.
    if (index >= RAW_PATH_FIRST) return escape(this.paths.textOf(index - RAW_PATH_FIRST) ?? OTHER);
    return escape(this.labels.pathLabel(index));
  }

  /** Backend by the index of its series. */
  backend(index: number): string {
    return index === LABEL_OTHER ? OTHER : escape(this.labels.backendLabel(index));
  }

  /** Backend by its place. */
  backendAt(place: number): string {
    return escape(this.labels.placeLabel(place));
  }
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
