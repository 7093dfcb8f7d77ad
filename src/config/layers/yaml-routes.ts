import { quoteNoMap, quoteValue } from '../problem.ts';
import { shorthandOf } from '../sections/block-shorthands.ts';
import { ROUTE_BLOCKS, ROUTE_KEYS } from '../sections/routes.ts';
import { textOf } from '../sections/scalar-fields.ts';
import { isName, NAME_FORM, nameLike } from '../sections/text-fields.ts';
import { laterRouteKeyProblem, routeKey } from './route-names.ts';
import { addEntry, isMap, tell } from './yaml-findings.ts';
import type { YamlFindings } from './yaml-findings.ts';

/** What a route needs to have. */
const NO_TARGET_FORM = 'target, targets, or redirect';

type Path = readonly (string | number)[];

/**
 * Adds routes from a map by name (the own form) or from a list (SPEC A.4, routes.yaml), where a route without `name`
 * is called by its place: `route_1`, `route_2`.
 */
export function addRoutes(findings: YamlFindings, path: Path, routes: unknown): void {
  if (Array.isArray(routes)) addRouteList(findings, path, routes);
  else if (isMap(routes))
    for (const [name, route] of Object.entries(routes)) addRoute(findings, [...path, name], name, route);
  else
    tell(findings, path, {
      key: 'routes',
      message: `${quoteNoMap(routes)} is not a map`,
      allowed: 'a map of routes by name, or a list of routes',
    });
}

function addRouteList(findings: YamlFindings, path: Path, routes: readonly unknown[]): void {
  const seen = new Set<string>();
  for (const [index, route] of routes.entries()) {
    const { name, ...rest } = isMap(route) ? route : { name: undefined };
    const routeName = name === undefined || name === null ? `route_${index + 1}` : textOf(name);
    if (seen.has(routeName)) {
      tell(findings, [...path, index, 'name'], {
        key: `routes.${routeName}`,
        message: 'has the name of an earlier route',
        allowed: 'unique names',
      });
    } else {
      addRoute(findings, [...path, index], routeName, isMap(route) ? rest : route);
    }
    seen.add(routeName);
  }
}

function addRoute(findings: YamlFindings, path: Path, name: string, route: unknown): void {
  if (!isName(name)) {
    tell(findings, path, {
      key: 'routes',
      message: `${quoteValue(name)} is not a route name`,
      allowed: NAME_FORM,
      didYouMean: nameLike(name),
    });
  } else if (isMap(route)) {
    const before = findings.entries.length;
    for (const [written, value] of Object.entries(route)) addRouteValue(findings, path, name, { written, value });
    if (findings.entries.length === before)
      tell(findings, path, { key: `routes.${name}`, message: 'has no target', allowed: NO_TARGET_FORM });
  } else {
    tell(findings, path, {
      key: `routes.${name}`,
      message: `${quoteNoMap(route)} is not a map`,
      allowed: 'a map with target and more',
    });
  }
}

function addRouteValue(
  findings: YamlFindings,
  path: Path,
  name: string,
  pair: { written: string; value: unknown },
): void {
  const { written, value } = pair;
  if (value === null) return;
  const place = [...path, written];
  const named = routeKey(name, written);
  const refused = laterRouteKeyProblem(named.key, value, () => findings.document.originAt(place));
  if (refused !== null) findings.problems.push(refused);
  else if (ROUTE_BLOCKS.has(written)) addBlock(findings, place, named.key, value);
  else {
    const spelling = named.rank === 0 ? named.key : `routes.${name}.${written}`;
    addEntry(findings, place, { ...named, spelling }, value);
  }
}

/** The keys of a block one by one, so that a higher layer can change one of them. */
function addBlock(findings: YamlFindings, path: Path, key: string, value: unknown): void {
  const short = shorthandOf(key.slice(key.lastIndexOf('.') + 1), value);
  if (short !== null) {
    for (const [inner, part] of Object.entries(short))
      addEntry(findings, path, { key: `${key}.${inner}`, rank: 0, spelling: key }, part);
    return;
  }
  const parts = isMap(value) ? Object.entries(value).filter(([, part]) => part !== null) : [];
  if (parts.length === 0) {
    const message = isMap(value) ? 'is an empty map' : `${quoteNoMap(value)} is not a map`;
    const block = key.slice(key.lastIndexOf('.') + 1);
    const keys = ROUTE_KEYS.filter((known) => known.startsWith(`${block}.`)).map((known) =>
      known.slice(block.length + 1),
    );
    tell(findings, path, { key, message, allowed: `a map of ${keys.join(', ')}` });
  }
  for (const [inner, part] of parts) {
    const full = `${key}.${inner}`;
    addEntry(findings, [...path, inner], { key: full, rank: 0, spelling: full }, part);
  }
}
