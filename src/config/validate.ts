import type { z } from 'zod';

import type { MergedLayers } from './layers/merge.ts';
import { nearestName } from './nearest-name.ts';
import { keyText, quoteNoMap } from './problem.ts';
import type { ConfigProblem } from './problem.ts';
import { CONFIG_KEYS, configSchema } from './schema.ts';
import type { CheckedConfig } from './schema.ts';
import { CHECK_KEYS } from './sections/dependencies.ts';
import { listenerItemShape } from './sections/listener.ts';
import { ROUTE_KEYS } from './sections/routes.ts';
import { routingTestShape } from './sections/routing-tests.ts';

/** A checked configuration and what was wrong with it. */
interface Validation {
  /** What was wrong left out, so that the rules between keys can be checked all the same. */
  readonly checked: CheckedConfig;
  readonly problems: readonly ConfigProblem[];
  /** Keys that were left out: a wrong value alone, or the whole route or list around it. */
  readonly left: ReadonlySet<string>;
}

/** Checks every value on its own and reports all problems at once, each with the place where it was written. */
export function validate(merged: MergedLayers): Validation {
  const tree = merged.toTree(new Set());
  const first = configSchema.safeParse(tree);
  if (first.success) return { checked: first.data, problems: [], left: new Set() };
  const places: Places = { merged, tree, nearest: new Map() };
  const problems = first.error.issues.flatMap((issue) => problemsOf(issue, places));
  const left = new Set(first.error.issues.map((issue) => leftOut(issue.path)));
  return { checked: configSchema.parse(merged.toTree(left)), problems, left };
}

/** What messages are made of. */
interface Places {
  readonly merged: MergedLayers;
  readonly tree: Readonly<Record<string, unknown>>;
  /** The known key nearest to an unknown one, by its block: ten thousand routes often have the same mistake. */
  readonly nearest: Map<string, string | undefined>;
}

/** A route or a list with one wrong part is left out whole: what its other parts mean without it is a guess. */
function leftOut(path: readonly PropertyKey[]): string {
  const names = path.slice(0, 2).filter((part) => typeof part === 'string');
  return names.join('.');
}

function problemsOf(issue: z.core.$ZodIssue, places: Places): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...issue.path, key], places));
  const problem = {
    severity: 'error',
    key: keyText(issue.path),
    origin: places.merged.originOf(issue.path).text,
  } as const;
  if (issue.code === 'custom') return [{ ...problem, message: issue.message, ...issue.params }];
  const value = quoteNoMap(valueAt(places.tree, issue.path));
  if (issue.code === 'too_small') return [{ ...problem, message: 'is an empty list', allowed: 'at least one entry' }];
  const isList = issue.code === 'invalid_type' && issue.expected === 'array';
  return [
    {
      ...problem,
      message: `${value} is not a ${isList ? 'list' : 'map'}`,
      allowed: isList ? 'a list of maps' : 'a map',
    },
  ];
}

function unknownKey(path: readonly PropertyKey[], places: Places): ConfigProblem {
  const { merged } = places;
  const problem = { severity: 'error', key: keyText(path), origin: merged.originOf(path).text } as const;
  const near = nearestKey(path, places.nearest);
  const didYouMean = near === undefined ? undefined : keyText([...path.slice(0, -1), near]);
  return { ...problem, message: 'is not a known key', didYouMean };
}

function nearestKey(path: readonly PropertyKey[], nearest: Places['nearest']): string | undefined {
  const name = String(path.at(-1));
  const [top, , ...rest] = path;
  const block = top === 'routes' ? ['', ...rest.slice(0, -1)] : [];
  const place = [top, ...block, name].map(String).join('\0');
  if (!nearest.has(place)) nearest.set(place, nearestName(name, knownAt(path)));
  return nearest.get(place);
}

/** Keys that the map around a path may have. */
function knownAt([top, , ...rest]: readonly PropertyKey[]): string[] {
  if (top === 'listeners') return Object.keys(listenerItemShape);
  if (top === 'tests') return Object.keys(routingTestShape);
  if (top === 'checks') return [...CHECK_KEYS];
  if (top !== 'routes') return [...CONFIG_KEYS].filter((key) => key.startsWith(`${String(top)}.`)).map(withoutBlock);
  const block = rest.slice(0, -1).join('.');
  const prefix = block === '' ? '' : `${block}.`;
  const keys = ROUTE_KEYS.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length).split('.')[0]);
  return [...new Set(keys as string[])];
}

/** `retry.on` → `on`. */
function withoutBlock(key: string): string {
  return key.slice(key.indexOf('.') + 1);
}

function valueAt(tree: Places['tree'], path: readonly PropertyKey[]): unknown {
  let value: unknown = tree;
  for (const part of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
  return value;
}
