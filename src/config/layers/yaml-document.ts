import type { Origin } from '../origin.ts';
import { keyText } from '../problem.ts';
import type { ConfigProblem } from '../problem.ts';
import { readAnyYaml, TOO_DEEP } from './yaml-library.ts';
import { LinePositions } from './yaml-places.ts';
import { readPlainYaml } from './yaml-plain.ts';

/** A YAML file as plain values, with the place of each. */
export interface YamlDocument {
  /** Maps, lists, text, numbers, booleans; null for an empty file. */
  readonly content: unknown;
  /** `file:line:column` of a map's key or a list's item; of the nearest one above when a path is nowhere. */
  originAt(path: readonly PropertyKey[]): Origin;
}

/**
 * Reads YAML 1.2. Refused with their place: syntax errors (the first only, as those behind it are its consequences),
 * every repeated key, several documents, unknown tags, aliases that multiply and nesting that no parser survives.
 */
export function readYaml(file: string, text: string): { document: YamlDocument } | { problems: ConfigProblem[] } {
  try {
    return readDocument(file, text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { problems: [{ severity: 'error', key: 'config_file', origin: file, message: TOO_DEEP }] };
  }
}

function readDocument(file: string, text: string): ReturnType<typeof readYaml> {
  const lines = new LinePositions(text);
  const textAt = (offset: number | null): string => (offset === null ? file : `${file}:${lines.at(offset)}`);
  const { content, places, mistakes } = { mistakes: [], ...(readPlainYaml(text) ?? readAnyYaml(text)) };
  const repeated = places.repeated.map(({ path, offset, firstOffset }) => ({
    severity: 'error' as const,
    key: keyText(path),
    origin: textAt(offset),
    message: `is written twice, first at ${textAt(firstOffset)}`,
  }));
  const refused = mistakes.map(({ message, offset }) => ({
    severity: 'error' as const,
    key: 'config_file',
    origin: textAt(offset),
    message,
  }));
  const problems = [...repeated, ...refused];
  if (problems.length > 0) return { problems };
  const originAt = (path: readonly PropertyKey[]): Origin => ({
    layer: 'yaml',
    text: textAt(places.offsetOf(path)),
  });
  return { document: { content, originAt } };
}
