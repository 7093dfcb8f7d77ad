import type { NamedKey } from '../aliases.ts';
import type { Origin } from '../origin.ts';
import type { ConfigProblem } from '../problem.ts';
import type { LayerEntry } from './layer.ts';
import type { YamlDocument } from './yaml-document.ts';

/** A value of a YAML document. Its place is put into words when it is asked for: of a large file that is for few values. */
class YamlEntry implements LayerEntry {
  readonly key: string;
  readonly value: unknown;
  readonly rank: number;
  readonly spelling: string;
  private readonly document: YamlDocument;
  private readonly path: readonly PropertyKey[];

  constructor(document: YamlDocument, path: readonly PropertyKey[], named: SpelledKey, value: unknown) {
    this.key = named.key;
    this.value = value;
    this.rank = named.rank;
    this.spelling = named.spelling;
    this.document = document;
    this.path = path;
  }

  get origin(): Origin {
    return this.document.originAt(this.path);
  }

  originAt(path: readonly PropertyKey[]): Origin {
    return this.document.originAt([...this.path, ...path]);
  }
}

/** A key and how it was written. */
type SpelledKey = NamedKey & { readonly spelling: string };

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

/** Adds a value that is written at a path. */
export function addEntry(
  { document, entries }: YamlFindings,
  path: readonly PropertyKey[],
  named: SpelledKey,
  value: unknown,
): void {
  entries.push(new YamlEntry(document, path, named, value));
}

/** Adds an error about a place in the document. */
export function tell(
  { document, problems }: YamlFindings,
  path: readonly (string | number)[],
  problem: Omit<ConfigProblem, 'severity' | 'origin'>,
): void {
  problems.push({ severity: 'error', origin: document.originAt(path).text, ...problem });
}
