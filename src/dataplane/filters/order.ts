/**
 * The one visible order of all filters. Edge filters run before routing for every request; route filters run when the route is
 * known. A filter that is not listed here does not run.
 */
export const EDGE_ORDER = [
  // First of all, so that every later decision and log line sees the client's true address.
  'forwarded',
  // Before anything is answered: a loop must not multiply whatever an answer costs.
  'loop',
  // Methods that end here, whatever the host.
  'methods',
  // Reserved paths, before a catch-all route could take them.
  'endpoints',
] as const;

/** Name of an edge filter. */
export type EdgeFilterName = (typeof EDGE_ORDER)[number];

/** Filters of a route, in their order for requests and for answers alike. */
export const ROUTE_ORDER = [
  // A redirect answers before anything is prepared for a backend.
  'redirect',
  // Before the request is prepared for a backend, which is asked for a tunnel or is not.
  'upgrade',
  // Takes the cookie out before the request's fields are changed or shown, and adds it to the answer.
  'sticky',
  'headers',
  // Sees both heads and both bodies as the backend's side does, so that debugging shows what was really sent.
  'capture',
] as const;

/** Name of a route filter. */
export type RouteFilterName = (typeof ROUTE_ORDER)[number];
