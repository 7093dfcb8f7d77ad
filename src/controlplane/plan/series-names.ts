import { ROUTE_FIRST } from '../../telemetry/metrics/families.ts';

/** Gives routes and backends the indexes of their series: the same name keeps its index for the life of the program. */
export class SeriesNames {
  private readonly routes: NameIndexes = new NameIndexes();
  private readonly backends: NameIndexes = new NameIndexes();

  /** Index of a route's series, by its path label. */
  route(pathLabel: string): number {
    return this.routes.indexOf(pathLabel) + ROUTE_FIRST;
  }

  /**
   * Index of a backend, which is its identity in all workers.
   *
   * @param name its label
   * @param traits what else makes it a backend of its own
   */
  backend(name: string, traits: string): number {
    return this.backends.indexOf(name, traits);
  }

  /** The `path` label of a route index. */
  pathLabel(index: number): string {
    return index < ROUTE_FIRST ? 'unmatched' : (this.routes.nameOf(index - ROUTE_FIRST) ?? 'unknown');
  }

  /** The `backend` label of a backend index. */
  backendLabel(index: number): string {
    return this.backends.nameOf(index) ?? 'unknown';
  }
}

/** Numbers names in the order in which they are first heard. */
class NameIndexes {
  private readonly indexes: Map<string, number> = new Map();
  private readonly names: string[] = [];

  indexOf(name: string, traits = ''): number {
    const id = `${name} ${traits}`;
    const known = this.indexes.get(id);
    if (known !== undefined) return known;
    this.indexes.set(id, this.names.length);
    return this.names.push(name) - 1;
  }

  nameOf(index: number): string | undefined {
    return this.names[index];
  }
}
