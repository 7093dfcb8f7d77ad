import { createHash } from 'node:crypto';
import type { BackendPolicy } from '../../config/resilience-settings.ts';
import { ROUTE_FIRST } from '../../telemetry/metrics/families.ts';

/**
 * Gives backends the indexes that they are known by, and routes and backends those of their series: the same name keeps its index for
 * the life of the program.
 */
export class SeriesNames {
  private readonly routes: NameIndexes = new NameIndexes();
  private readonly backends: NameIndexes = new NameIndexes();
  private readonly backendLabels: NameIndexes = new NameIndexes();
  private readonly policyTexts: NameIndexes = new NameIndexes();
  /** Numbers of the policies that came as the same object: all targets of a route have one. */
  private readonly policies: WeakMap<BackendPolicy, number> = new WeakMap();

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

  /**
   * Index of a backend's series, by its label alone: what changes about a backend, such as a certificate that is rotated every
   * hour, makes it another one, but must not use up the series that there are.
   */
  backendSeries(name: string): number {
    return this.backendLabels.indexOf(name);
  }

  /**
   * Number of a policy, equal for equal ones. It is a trait: what is found out about a backend under one policy, or forbidden by
   * it, is not the business of another.
   */
  policy(policy: BackendPolicy): number {
    const known = this.policies.get(policy);
    if (known !== undefined) return known;
    const number = this.policyTexts.indexOf(digestOf(policy));
    this.policies.set(policy, number);
    return number;
  }

  /** The `path` label of a route index. */
  pathLabel(index: number): string {
    return index < ROUTE_FIRST ? 'unmatched' : (this.routes.nameOf(index - ROUTE_FIRST) ?? 'unknown');
  }

  /** The `backend` label of the index of a backend's series. */
  backendLabel(series: number): string {
    return this.backendLabels.nameOf(series) ?? 'unknown';
  }

  /** The label of a backend by its own index. */
  backendName(index: number): string {
    return this.backends.nameOf(index) ?? 'unknown';
  }
}

/** In place of the policy itself, which may hold the key of a certificate and all authorities of a system, for ever. */
function digestOf(policy: BackendPolicy): string {
  return createHash('sha256').update(JSON.stringify(policy)).digest('base64');
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
