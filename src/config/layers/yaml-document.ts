import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';

import type { Origin } from '../origin.ts';
import { keyText } from '../problem.ts';
import type { ConfigProblem } from '../problem.ts';

/** A YAML file as plain values, with the place of each. */
export interface YamlDocument {
  /** Maps, lists, text, numbers, booleans; null for an empty file. */
  readonly content: unknown;
  /** `file:line:column` of a map's key or a list's item; of the nearest one above when a path is nowhere. */
  originAt(path: readonly PropertyKey[]): Origin;
}

/** How often one anchor may be repeated: a few lines of aliases can otherwise stand for gigabytes. */
const MAX_ALIAS_COUNT = 100;
const TOO_DEEP = 'is nested too deeply';

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
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  const originOf = (offset: number): Origin => {
    const { line, col } = lines.linePos(offset);
    return { layer: 'yaml', text: `${file}:${line}:${col}` };
  };
  const places = collectPlaces(document);
  const problems = [...repeatedKeys(places, originOf), ...syntaxProblems(document, originOf)];
  if (problems.length > 0) return { problems };
  const content = toContent(document);
  if ('problem' in content) {
    return { problems: [{ severity: 'error', key: 'config_file', origin: file, message: content.problem }] };
  }
  const originAt = (path: readonly PropertyKey[]): Origin => {
    for (let length = path.length; length >= 0; length--) {
      const offset = places.offsets.get(pathKey(path.slice(0, length)));
      if (offset !== undefined) return originOf(offset);
    }
    return { layer: 'yaml', text: file };
  };
  return { document: { content: content.value, originAt } };
}

function repeatedKeys(places: Places, originOf: (offset: number) => Origin): ConfigProblem[] {
  return places.repeated.map(({ path, offset, firstOffset }) => ({
    severity: 'error',
    key: keyText(path),
    origin: originOf(offset).text,
    message: `is written twice, first at ${originOf(firstOffset).text}`,
  }));
}

function syntaxProblems(document: Document, originOf: (offset: number) => Origin): ConfigProblem[] {
  return [...document.errors.slice(0, 1), ...document.warnings].map((error) => ({
    severity: 'error',
    key: 'config_file',
    origin: originOf(error.pos[0]).text,
    message: wordsOf(error.code, error.message),
  }));
}

function wordsOf(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here, and only one is read';
  if (code === 'RESOURCE_EXHAUSTION') return TOO_DEEP;
  return `not valid YAML: ${message.split('\n', 1)[0]}`;
}

function toContent(document: Document): { value: unknown } | { problem: string } {
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }) as unknown };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { problem: `not valid YAML: ${error.message}` };
  }
}

/** Where everything in a document is written. */
interface Places {
  /** By {@link pathKey}. */
  readonly offsets: Map<string, number>;
  readonly repeated: { path: readonly PropertyKey[]; offset: number; firstOffset: number }[];
}

/**
 * One walk over the whole document: the library's own check for repeated keys, and asking it for paths one by one, are
 * quadratic in the number of routes (2.5 s for 20,000).
 */
function collectPlaces(document: Document): Places {
  const places: Places = { offsets: new Map(), repeated: [] };
  const visit = (node: unknown, path: readonly PropertyKey[], keyOffset: number | undefined): void => {
    const offset = keyOffset ?? (node as Node | null)?.range?.[0];
    if (offset !== undefined) addPlace(places, path, offset);
    if (isSeq(node)) node.items.forEach((item, index) => visit(item, [...path, index], undefined));
    else if (isMap(node)) for (const { key, value } of node.items) visit(value, [...path, nameOf(key)], offsetOf(key));
  };
  visit(document.contents, [], undefined);
  return places;
}

function addPlace({ offsets, repeated }: Places, path: readonly PropertyKey[], offset: number): void {
  const key = pathKey(path);
  const firstOffset = offsets.get(key);
  if (firstOffset === undefined) offsets.set(key, offset);
  else if (!isInsideRepeated(repeated, path)) repeated.push({ path, offset, firstOffset });
}

/** A block that is written twice is one mistake, not one for every key in it. */
function isInsideRepeated(repeated: Places['repeated'], path: readonly PropertyKey[]): boolean {
  return repeated.some(
    (other) => other.path.length < path.length && other.path.every((part, index) => part === path[index]),
  );
}

/** What an alias stands for is written elsewhere; its place is where the alias stands. */
function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isAlias(node) ? node.range?.[0] : undefined;
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function pathKey(path: readonly PropertyKey[]): string {
  return path.map(String).join('\0');
}
