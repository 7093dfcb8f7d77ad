import type { ConfigProblem } from '../problem.ts';
import type { LayerEntry } from './layer.ts';
import type { YamlDocument } from './yaml-document.ts';

/** What a walk over a YAML document collects. */
export interface YamlFindings {
  readonly document: YamlDocument;
  readonly entries: LayerEntry[];
  readonly problems: ConfigProblem[];
}

/** Whether a value is a YAML map. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Adds an error about a place in the document. */
export function tell(
  { document, problems }: YamlFindings,
  path: readonly (string | number)[],
  problem: Omit<ConfigProblem, 'severity' | 'origin'>,
): void {
  problems.push({ severity: 'error', origin: document.originAt(path).text, ...problem });
}
