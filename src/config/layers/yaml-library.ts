import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { Document, Node } from 'yaml';

import type { YamlContent } from './yaml-plain.ts';
import { YamlPlaces } from './yaml-places.ts';

type YamlLibrary = typeof Yaml;

/** Something in a text that is no YAML, or none that is taken. */
interface YamlMistake {
  readonly message: string;
  /** null = the document as a whole. */
  readonly offset: number | null;
}

/** How often one anchor may be repeated: a few lines of aliases can otherwise stand for gigabytes. */
const MAX_ALIAS_COUNT = 100;

const WRONG = 'not valid YAML: ';

/** What is said of nesting that no parser survives. */
export const TOO_DEEP = 'is nested too deeply';

const require = createRequire(import.meta.url);

/**
 * Reads YAML 1.2 with the library. Refused are syntax errors (the first only, as those behind it are its consequences), several
 * documents, unknown tags and aliases that multiply; a nesting beyond the stack throws a RangeError. The library is loaded by the
 * first call: most files do without.
 */
export function readAnyYaml(text: string): YamlContent & { readonly mistakes: readonly YamlMistake[] } {
  const yaml = require('yaml') as YamlLibrary;
  const document = yaml.parseDocument(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  const places = collectPlaces(document, yaml);
  const mistakes = [...document.errors.slice(0, 1), ...document.warnings].map(({ code, message, pos }) => ({
    message: wordsOf(code, message),
    offset: pos[0],
  }));
  if (mistakes.length > 0) return { content: null, places, mistakes };
  try {
    return { content: document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }) as unknown, places, mistakes };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { content: null, places, mistakes: [aliasMistake(document, yaml, error)] };
  }
}

/** Aliases without an anchor are found when they are replaced, and without their place; else there are too many of them. */
function aliasMistake(document: Document, yaml: YamlLibrary, error: ReferenceError): YamlMistake {
  let offset: number | null = null;
  const anchors = new Set<string>();
  yaml.visit(document, {
    Value: (_key, { anchor }) => void (anchor !== undefined && anchors.add(anchor)),
    Alias: (_key, alias) => {
      if (anchors.has(alias.source)) return undefined;
      offset = alias.range?.[0] ?? null;
      return yaml.visit.BREAK;
    },
  });
  if (offset === null) return { message: WRONG + error.message, offset };
  return { message: `${WRONG}an alias without an anchor; text that begins with * has to be in quotes`, offset };
}

function wordsOf(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here, and only one is read';
  if (code === 'RESOURCE_EXHAUSTION') return TOO_DEEP;
  if (code === 'TAG_RESOLVE_FAILED')
    return `${WRONG}a tag that is not known; text that begins with ! has to be in quotes`;
  // The library repeats what it read, which may be a part of a secret.
  const [line = ''] = message.split('\n', 1);
  return WRONG + line.replace(/(?<=\w): .*$| \\.*$/, '');
}

/**
 * One walk over the whole document: the library's own check for repeated keys, and asking it for paths one by one, are
 * quadratic in the number of routes (2.5 s for 20,000).
 */
function collectPlaces(document: Document, { isAlias, isMap, isScalar, isSeq }: YamlLibrary): YamlPlaces {
  const places = new YamlPlaces(document.contents?.range?.[0] ?? 0);
  // What an alias stands for is written elsewhere; its place is where the alias stands.
  const offsetOf = (key: unknown): number | undefined => (isScalar(key) || isAlias(key) ? key.range?.[0] : undefined);
  const enter = (name: PropertyKey, node: unknown, offset: number | undefined): void => {
    places.enter(name, offset ?? (node as Node | null)?.range?.[0] ?? 0);
    visit(node);
    places.leave();
  };
  const visit = (node: unknown): void => {
    if (isSeq(node)) node.items.forEach((item, index) => enter(index, item, undefined));
    else if (isMap(node))
      for (const { key, value } of node.items) enter(String(isScalar(key) ? key.value : key), value, offsetOf(key));
  };
  visit(document.contents);
  return places;
}
