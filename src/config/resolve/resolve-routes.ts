import type { BackendPolicy, RetrySettings } from '../resilience-settings.ts';
import type { BalancingSettings, HeaderChanges, PathChange, RedirectSettings, RouteMatch } from '../route-settings.ts';
import type { RouteSettings, TargetSettings } from '../route-settings.ts';
import type { CheckedConfig } from '../schema.ts';
import type { Findings } from './findings.ts';
import { resolveBalancing } from './resolve-balancing.ts';
import { resolveErrorPages } from './resolve-error-pages.ts';
import { resolvePolicy } from './resolve-policy.ts';
import { resolveRetry } from './resolve-retry.ts';
import { resolveTargets } from './resolve-targets.ts';
import { isReservedName } from './resolve-tests.ts';
import { checkSameMatches } from './route-conflicts.ts';

type CheckedRoute = CheckedConfig['routes'][string];

/** What every route is resolved with. */
interface RouteContext {
  readonly checked: CheckedConfig;
  readonly balancing: BalancingSettings;
  readonly policy: BackendPolicy;
  readonly retry: RetrySettings;
  readonly findings: Findings;
}

/** Complete routes in the order of their names, and the rules between a route's keys and between routes. */
export function resolveRoutes(
  checked: CheckedConfig,
  defaults: Pick<RouteContext, 'balancing' | 'policy' | 'retry'>,
  findings: Findings,
): RouteSettings[] {
  const context: RouteContext = { checked, ...defaults, findings };
  const routes = Object.entries(checked.routes)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, route]) => resolveRoute(name, route, context) ?? []);
  checkSameMatches(routes, findings);
  return routes;
}

function resolveRoute(name: string, route: CheckedRoute, context: RouteContext): RouteSettings | null {
  const { checked, balancing, findings } = context;
  const path = ['routes', name];
  checkKeys(path, route, findings);
  const targets = resolveTargets(name, route, findings);
  const redirect = route.redirect === undefined ? null : resolveRedirect(path, route.redirect, findings);
  const rewritePath = resolvePathChange([...path, 'rewrite'], route.rewrite, findings);
  if (targets === null) return null;
  checkTls(path, targets, findings);
  return {
    name,
    match: matchOf(route),
    targets,
    redirect,
    rewritePath,
    rewriteHost: route.rewrite?.host ?? null,
    requestHeaders: headerChanges(route.request_headers),
    responseHeaders: headerChanges(route.response_headers),
    balancing: resolveBalancing(path, route.load_balancer, balancing, findings),
    backends: resolvePolicy(path, route, context, findings),
    retry: resolveRetry(path, route, context, findings),
    upgrades: route.websocket,
    tunnelIdleMs: route.tunnel_idle_timeout ?? checked.tunnel_idle_timeout,
    timeoutMs: route.timeout ?? checked.timeout,
    requestTimeoutMs: route.request_timeout ?? checked.request_timeout,
    stripPath: rewritePath === null && (route.strip_path ?? checked.strip_path),
    preserveHost: route.preserve_host ?? checked.preserve_host,
    ambiguousPath: route.ambiguous_path ?? checked.ambiguous_path,
    accessLog: route.access_log,
    errorPages: resolveErrorPages(path, route.error_pages, findings),
  };
}

function matchOf(route: CheckedRoute): RouteMatch {
  const { host, methods, headers, priority } = route;
  const exact = route.exact_path;
  const path =
    exact === undefined ? { kind: 'prefix' as const, value: route.path } : { kind: 'exact' as const, value: exact };
  return { host, path, methods: [...new Set(methods)], headers, priority };
}

function headerChanges(block: CheckedRoute['request_headers']): HeaderChanges {
  return { set: block?.set ?? [], add: block?.add ?? [], remove: block?.remove ?? [] };
}

function resolveRedirect(
  path: readonly string[],
  block: NonNullable<CheckedRoute['redirect']>,
  findings: Findings,
): RedirectSettings {
  const place = [...path, 'redirect'];
  const { status, scheme, host, port } = block;
  const change = resolvePathChange(place, block, findings);
  const parts = [scheme, host, port, block.path, block.prefix];
  if (parts.every((part) => part === undefined))
    findings.add('error', place, 'changes nothing and would lead in a circle', 'scheme, host, port, path or prefix');
  return { status, scheme: scheme ?? null, host: host ?? null, port: port ?? null, path: change };
}

function resolvePathChange(
  place: readonly string[],
  block: { readonly path?: string | undefined; readonly prefix?: string | undefined } | undefined,
  findings: Findings,
): PathChange | null {
  const { path, prefix } = block ?? {};
  if (path !== undefined && prefix !== undefined)
    findings.add('error', [...place, 'prefix'], 'path and prefix are both written', 'one of them');
  if (path !== undefined) return { kind: 'full', value: path };
  return prefix === undefined ? null : { kind: 'prefix', value: prefix };
}

/** Keys that a route which redirects has no use for. */
const BACKEND_KEYS = [
  'rewrite',
  'request_headers',
  'load_balancer',
  'health_check',
  'passive_health',
  'circuit_breaker',
  'retry',
  'retries',
  'backend_tls',
  'slow_start',
  'send_proxy_protocol',
  'tunnel_idle_timeout',
  'websocket',
  'timeout',
  'strip_path',
  'preserve_host',
  'weights',
];

function checkKeys(path: readonly string[], route: CheckedRoute, findings: Findings): void {
  const key = path.join('.');
  if (isReservedName(path[1] as string)) {
    const message = `${path[1]} is no name for a route, as it stands for another thing in tests and logs`;
    findings.add('error', path, message, 'another name; default_backend takes what no route takes');
  }
  if (route.exact_path !== undefined && findings.isWritten(`${key}.path`))
    findings.add('error', [...path, 'exact_path'], 'path and exact_path are both written', 'one of them');
  if (route.redirect === undefined) checkRewrite(path, route, findings);
  else
    for (const unused of BACKEND_KEYS.filter((name) => findings.isWritten(`${key}.${name}`)))
      findings.add('warning', [...path, unused], 'is not used by a route that redirects');
}

function checkTls(path: readonly string[], targets: readonly TargetSettings[], findings: Findings): void {
  const isUsed = targets.length === 0 || targets.some(({ url }) => /^(?:dns\+|srv\+)?https:/.test(url));
  if (!isUsed && findings.isWritten([...path, 'backend_tls'].join('.')))
    findings.add('warning', [...path, 'backend_tls'], 'is not used by targets that are not https');
}

function checkRewrite(path: readonly string[], route: CheckedRoute, findings: Findings): void {
  const rewrites = route.rewrite?.path ?? route.rewrite?.prefix;
  if (rewrites !== undefined && route.strip_path === true)
    findings.add(
      'error',
      [...path, 'strip_path'],
      'strip_path and a rewrite of the path are both written',
      'one of them',
    );
  if (route.rewrite?.host !== undefined && route.preserve_host === true)
    findings.add('error', [...path, 'preserve_host'], 'preserve_host and rewrite.host are both written', 'one of them');
}
