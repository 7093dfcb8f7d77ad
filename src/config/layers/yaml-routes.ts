import { quoteValue } from '../problem.ts';
import { textOf } from '../sections/scalar-fields.ts';
import { isName, NAME_FORM, nameLike } from '../sections/text-fields.ts';
import { laterRouteKeyProblem, routeKey } from './route-names.ts';
import { isMap, tell } from './yaml-findings.ts';
import type { YamlFindings } from './yaml-findings.ts';

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
      message: `${quoteValue(routes)} is not a map`,
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
      tell(findings, path, { key: `routes.${name}`, message: 'has no target', allowed: 'target, or targets' });
  } else {
    tell(findings, path, {
      key: `routes.${name}`,
      message: `${quoteValue(route)} is not a map`,
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
  const origin = findings.document.originAt(place);
  const refused = laterRouteKeyProblem(named.key, value, origin);
  if (refused !== null) {
    findings.problems.push(refused);
    return;
  }
  const originAt = (rest: readonly PropertyKey[]) => findings.document.originAt([...place, ...rest.map(placeOf)]);
  findings.entries.push({ ...named, value, origin, spelling: `routes.${name}.${written}`, originAt });
}

function placeOf(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part);
}
