import { field } from './field.ts';
import type { Field } from './field.ts';
import { parseMap } from './map-field.ts';

/** The two older forms of routes as one map by host (SPEC A.4, A.11 C2). They are taken apart before values are checked. */
export const routeTableShape = {
  backends_routes: routeTableField().optional().meta({
    description: 'Older form of routes: a map of host to url, timeout and other keys of a route.',
  }),
  targets: routeTableField().optional().meta({
    description: 'Older form of routes: a map of host to backends (a list of URLs) and other keys of a route.',
  }),
};

function routeTableField(): Field<Readonly<Record<string, unknown>>> {
  const written = { type: ['object', 'string'], additionalProperties: { type: 'object' } };
  return field({ ...written, 'x-type': 'map', deprecated: true }, parseMap);
}

/** Keys of a table that hold routes, in the order in which they are taken apart. */
export const ROUTE_TABLES: readonly string[] = Object.keys(routeTableShape);

/** Keys inside a table's entry that have another name in a route. */
export const ROUTE_TABLE_ALIASES: Readonly<Record<string, string>> = { url: 'target', backends: 'targets' };

/** Settings of other vendors' proxies that stand beside a route and are nobody's mistake. */
const VENDOR_KEY =
  /^(?:aks|alb|aws|azure|cloudflare|eks|gcp|gke|ingress|istio|kubernetes|nginx|traefik)(?:_[a-z0-9_]+)?$|_annotations$/;

/** Whether a key of a table's entry is a vendor's block, which is ignored without a word. */
export function isVendorBlock(key: string, value: unknown): boolean {
  return VENDOR_KEY.test(key) && typeof value === 'object';
}
