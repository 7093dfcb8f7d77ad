import { nearestName } from '../nearest-name.ts';
import type { Origin } from '../origin.ts';
import { quoteNoMap } from '../problem.ts';
import type { ConfigProblem } from '../problem.ts';
import { parseMap } from '../sections/map-field.ts';
import { shorthandOf } from '../sections/block-shorthands.ts';
import { isVendorBlock, ROUTE_TABLE_ALIASES, ROUTE_TABLES } from '../sections/route-tables.ts';
import {
  LATER_PROTECTION_KEYS,
  LATER_ROUTE_KEYS,
  ROUTE_ALIASES,
  ROUTE_BLOCKS,
  ROUTE_KEYS,
} from '../sections/routes.ts';
import type { LayerEntry } from './layer.ts';
import { MergedLayers } from './merge.ts';
import { laterRouteKeyProblem } from './route-names.ts';

/** A table while it is taken apart. */
interface Table {
  readonly entry: LayerEntry;
  readonly entries: Map<string, LayerEntry>;
  readonly problems: ConfigProblem[];
  /** Later keys that have been told: once per table and key. */
  readonly told: Set<string>;
}

/**
 * Takes the tables `backends_routes` and `targets` apart into routes (SPEC A.11, C2). A table is one value for precedence; its
 * routes are named by their hosts (`api.example.com` → `api_example_com`) and are never mixed with a route of the same name,
 * so that a host which is written in two forms is told as a conflict.
 */
export function expandRouteTables(merged: MergedLayers): { merged: MergedLayers; problems: ConfigProblem[] } {
  if (!ROUTE_TABLES.some((key) => merged.entries.has(key))) return { merged, problems: [] };
  const entries = new Map(merged.entries);
  const problems: ConfigProblem[] = [];
  const names = new Set([...entries.keys()].filter((key) => key.startsWith('routes.')).map((key) => key.split('.')[1]));
  for (const key of ROUTE_TABLES) {
    const entry = entries.get(key);
    if (entry === undefined) continue;
    entries.delete(key);
    const table: Table = { entry, entries, problems, told: new Set() };
    const map = parseMap(typeof entry.value === 'string' ? entry.value.trim() : entry.value);
    if ('refusals' in map) for (const refusal of map.refusals) tell(table, [], key, refusal);
    else for (const [host, route] of Object.entries(map.value)) addRoute(table, names, host, route);
  }
  return { merged: new MergedLayers(entries), problems };
}

function tell(
  { entry, problems }: Table,
  path: readonly PropertyKey[],
  key: string,
  found: Partial<ConfigProblem>,
): void {
  problems.push({ severity: 'error', key, origin: originOf(entry, path).text, message: '', ...found });
}

function originOf(entry: LayerEntry, path: readonly PropertyKey[]): Origin {
  return entry.originAt?.(path) ?? entry.origin;
}

function addRoute(table: Table, names: Set<string | undefined>, host: string, route: unknown): void {
  if (typeof route !== 'object' || route === null || Array.isArray(route)) {
    tell(table, [host], `${table.entry.key}.${host}`, {
      message: 'is not a map',
      allowed: 'a map of url or backends, and more',
    });
    return;
  }
  const name = freeName(names, host);
  names.add(name);
  add(table, name, 'host', { value: host, path: [host] });
  for (const [written, value] of Object.entries(route))
    addValue(table, name, written, { value, path: [host, written] });
}

const INNER_ALIASES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(ROUTE_TABLE_ALIASES),
  ...Object.entries(ROUTE_ALIASES),
]);

/** A value and where it stands in the table. */
interface Placed {
  readonly value: unknown;
  readonly path: readonly string[];
}

function addValue(table: Table, name: string, written: string, placed: Placed): void {
  const own = INNER_ALIASES.get(written) ?? written;
  const { value, path } = placed;
  if (value === null || isVendorBlock(written, value)) return;
  if (LATER_ROUTE_KEYS.has(own) || LATER_PROTECTION_KEYS.has(own)) {
    const problem = laterRouteKeyProblem(`routes.${name}.${own}`, value, () => originOf(table.entry, path));
    if (problem === null || (problem.severity !== 'error' && table.told.has(own))) return;
    table.told.add(own);
    table.problems.push(problem);
  } else if (shorthandOf(own, value) !== null) {
    for (const [inner, part] of Object.entries(shorthandOf(own, value) ?? {}))
      add(table, name, `${own}.${inner}`, { value: part, path });
  } else if (ROUTE_BLOCKS.has(own) && typeof value === 'object' && !Array.isArray(value)) {
    for (const [inner, part] of Object.entries(value))
      add(table, name, `${own}.${inner}`, { value: part, path: [...path, inner] });
  } else if (ROUTE_KEYS.includes(own)) {
    add(table, name, own, placed);
  } else {
    const known = [
      ...ROUTE_KEYS.filter((key) => !key.includes('.')),
      ...ROUTE_BLOCKS,
      ...Object.keys(ROUTE_TABLE_ALIASES),
    ];
    tell(table, path, `${table.entry.key}.${path.join('.')}`, {
      message: ROUTE_BLOCKS.has(own) ? `${quoteNoMap(value)} is not a map` : 'is not a known key',
      didYouMean: ROUTE_BLOCKS.has(own) ? undefined : nearestName(written, known),
    });
  }
}

function add(table: Table, name: string, key: string, { value, path }: Placed): void {
  const { entry, entries } = table;
  const full = `routes.${name}.${key}`;
  if (entries.has(full)) {
    const message = `has two values for ${key}`;
    tell(table, path, `${entry.key}.${path.join('.')}`, { message, allowed: 'one of them' });
    return;
  }
  const originAt = (rest: readonly PropertyKey[]): Origin | null => entry.originAt?.([...path, ...rest]) ?? null;
  entries.set(full, { key: full, value, rank: 0, origin: originOf(entry, path), spelling: entry.spelling, originAt });
}

/** Longest name that {@link isName} allows, less the room for a number behind it. */
const MAX_NAME_LENGTH = 58;

/** `*.example.com` → `any_example_com`; with a number behind it when another route has the name. */
function freeName(names: ReadonlySet<string | undefined>, host: string): string {
  const words = host
    .toLowerCase()
    .replace('*', 'any')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^_+/, '');
  const name = words.slice(0, MAX_NAME_LENGTH) || 'route';
  let free = name;
  for (let count = 2; names.has(free); count++) free = `${name}_${count}`;
  return free;
}
