import type { NamedKey } from '../aliases.ts';
import { ENV_PREFIX, envNameOf, keyOfEnvName, knownEnvNames } from '../aliases.ts';
import { isLaterName } from '../ignored-names.ts';
import { nearestName } from '../nearest-name.ts';
import { quoteNoMap } from '../problem.ts';
import { BLOCKS, CONFIG_KEYS } from '../schema.ts';
import { shorthandOf } from '../sections/block-shorthands.ts';
import { checkEntries } from './checks.ts';
import { addFound } from './layer.ts';
import type { Layer } from './layer.ts';
import { readYaml } from './yaml-document.ts';
import { addEntry, isMap, tell } from './yaml-findings.ts';
import type { YamlFindings } from './yaml-findings.ts';
import { addRoutes } from './yaml-routes.ts';

/** Layer of a configuration file; `path` is how it is called in messages. A key without a value counts as not set. */
export function yamlLayer(path: string, text: string): Layer {
  const read = readYaml(path, text);
  if ('problems' in read) return { entries: [], problems: read.problems };
  const findings: YamlFindings = { document: read.document, entries: [], problems: [] };
  const { content } = read.document;
  if (Array.isArray(content)) addRoutes(findings, [], content);
  else if (isMap(content)) addMap(findings, [], content);
  else if (content !== null)
    tell(findings, [], { key: 'config_file', message: 'holds neither a map of keys nor a list of routes' });
  return findings;
}

function addMap(findings: YamlFindings, path: readonly string[], map: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(map)) addKey(findings, [...path, name], value);
}

function addKey(findings: YamlFindings, path: readonly string[], value: unknown): void {
  const key = path.join('.');
  const short = shorthandOf(key, value);
  if (short !== null) {
    for (const [inner, part] of Object.entries(short)) addShorthand(findings, path, `${key}.${inner}`, part);
  } else if (key === 'routes') {
    if (value !== null) addRoutes(findings, path, value);
  } else if (key === 'checks') {
    if (value !== null) addChecks(findings, path, value);
  } else if (key === 'config_file') {
    tell(findings, path, {
      key,
      message: 'cannot be written in a configuration file',
      allowed: '--config or RWWWRSE_CONFIG_FILE',
    });
  } else if (key === 'backends.routes') {
    addValue(findings, path, { key: 'backends_routes', rank: 1 }, value);
  } else if (CONFIG_KEYS.has(key)) {
    addValue(findings, path, { key, rank: 0 }, value);
  } else if (BLOCKS.has(key) && value !== null && !isMap(value)) {
    tell(findings, path, {
      key,
      message: `${quoteNoMap(value)} is not a map`,
      allowed: `a map of ${keysOf(key).join(', ')}`,
    });
  } else if (isMap(value) && (BLOCKS.has(key) || isAliasBlock(key))) {
    addMap(findings, path, value);
  } else if (!BLOCKS.has(key)) {
    addAliasOrUnknown(findings, path, value);
  }
}

/** A part of a block that was written as one value; its place is that of the value. */
function addShorthand({ document, entries }: YamlFindings, path: readonly string[], key: string, value: unknown): void {
  const origin = document.originAt(path);
  entries.push({ key, value, rank: 0, origin, spelling: path.join('.'), originAt: () => origin });
}

function addChecks(findings: YamlFindings, path: readonly string[], value: unknown): void {
  const { document } = findings;
  if (!isMap(value)) {
    const message = `${quoteNoMap(value)} is not a map`;
    tell(findings, path, { key: 'checks', message, allowed: 'a map of checks by name' });
    return;
  }
  const originAt = (rest: readonly PropertyKey[]) => document.originAt([...path, ...rest]);
  const found = checkEntries(value, { spelling: path.join('.'), rank: 0, originAt });
  addFound(findings, found);
}

function addAliasOrUnknown(findings: YamlFindings, path: readonly string[], value: unknown): void {
  const key = path.join('.');
  const named = keyOfEnvName(envNameOf(key));
  if (named !== undefined && named.rank > 0) {
    addValue(findings, path, named, value);
  } else if (named === undefined && isLaterKey(key)) {
    tell(findings, path, { key, message: 'is not supported in this version' });
  } else {
    tell(findings, path, { key, message: 'is not a known key', didYouMean: named?.key ?? nearestKey(path) });
  }
}

/** A key without a value counts as not set. */
function addValue(findings: YamlFindings, path: readonly string[], named: NamedKey, value: unknown): void {
  if (value !== null) addEntry(findings, path, { ...named, spelling: path.join('.') }, value);
}

/** Keys of a block, without the block's name. */
function keysOf(block: string): string[] {
  return [...CONFIG_KEYS].filter((key) => key.startsWith(`${block}.`)).map((key) => key.slice(block.length + 1));
}

/** Whether an alias lies inside a block of this name, such as `server`. */
function isAliasBlock(key: string): boolean {
  const prefix = `${envNameOf(key)}_`;
  return [...knownEnvNames()].some((name) => name.startsWith(prefix) && (keyOfEnvName(name)?.rank ?? 0) > 0);
}

function isLaterKey(key: string): boolean {
  const name = envNameOf(key).slice(ENV_PREFIX.length);
  return isLaterName(name) || isLaterName(`${name}_`);
}

/** A block's own keys come first; a key from another block is named with its whole path. */
function nearestKey(path: readonly string[]): string | undefined {
  const last = path.at(-1) as string;
  const parent = path.slice(0, -1).join('.');
  if (parent !== '') {
    const beside = nearestName(last, keysOf(parent));
    return beside === undefined ? nearestName(path.join('.'), CONFIG_KEYS) : `${parent}.${beside}`;
  }
  const top = [...CONFIG_KEYS, ...BLOCKS, 'routes', 'checks'].filter((key) => !key.includes('.'));
  return nearestName(last, top) ?? nearestName(last, CONFIG_KEYS);
}
