import { isIP } from 'node:net';
import { parseAuthority } from '../../../base/http/authority.ts';
import { FIELD_ID } from '../../../base/http/field-names.ts';
import { normalizePath } from '../../../base/http/request-path.ts';
import { formatTimestamp } from '../../../base/time/timestamp.ts';
import type { EndpointSettings } from '../../../config/resolved-config.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Filter, Verdict } from '../../exchange/filter.ts';
import type { OperationsView } from '../../exchange/operations-view.ts';
import type { RouteSeries } from '../../exchange/route.ts';
import type { BackendReports } from './backend-reports.ts';
import { DEBUG_BACKENDS_PATH, hostHealthLabel } from './endpoint-paths.ts';
import { isInsider } from './insiders.ts';
import { jsonReply } from './json-reply.ts';

const ACCEPT = FIELD_ID.accept;

interface Endpoint {
  readonly series: RouteSeries;
  readonly answer: (exchange: Exchange) => Verdict | Promise<Verdict>;
}

/** What the endpoints need beside their settings. */
export interface EndpointContext {
  readonly settings: EndpointSettings;
  readonly view: OperationsView;
  readonly backends: BackendReports;
  /** Whether a route takes this host by name: then the paths are the application's, not ours (SPEC B, ownership rule). */
  isRouted(host: string): boolean;
  /** Whether `metrics.allow` lists an address. */
  mayReadMetrics(address: string): boolean;
  readonly ownHostname: string;
  /** Series of a `path` label. */
  seriesOf(label: string): RouteSeries;
}

/**
 * Answers the proxy's own paths before routing, where they belong to the proxy: health, health of a host's backends, readiness,
 * liveness, metrics and in debug mode the backends. A path that can be read in two ways is none of them.
 */
export function createEndpointsFilter(context: EndpointContext): Filter {
  const endpoints = exactEndpoints(context);
  const hostPrefix = `${normalizePath(context.settings.healthPath)}/`;
  const hostHealth = context.settings.healthEnabled && hostPrefix !== '//' ? hostHealthOf(context, hostPrefix) : null;
  const find = (path: string): Endpoint | null => {
    const exact = endpoints.get(path);
    if (exact !== undefined) return exact;
    return hostHealth !== null && path.startsWith(hostPrefix) && !path.includes('/', hostPrefix.length)
      ? hostHealth
      : null;
  };
  return {
    name: 'endpoints',
    request(exchange) {
      const endpoint = exchange.ambiguity === null ? find(exchange.path) : null;
      const operations = exchange.traits.settings.role === 'operations';
      if (endpoint === null) return operations ? 'endpoint_not_found' : null;
      if (!operations && !isOwn(context, exchange.head.host)) return null;
      exchange.series = endpoint.series;
      const { method } = exchange.head;
      return method === 'GET' || method === 'HEAD' ? endpoint.answer(exchange) : 'endpoint_method_refused';
    },
  };
}

function exactEndpoints(context: EndpointContext): ReadonlyMap<string, Endpoint> {
  const { settings, view, backends } = context;
  const endpoints = new Map<string, Endpoint>();
  const add = (path: string, answer: Endpoint['answer'], series = context.seriesOf(path)): unknown =>
    endpoints.set(normalizePath(path), { series, answer });
  const forInsiders = (answer: Endpoint['answer']): Endpoint['answer'] => {
    return (exchange) =>
      isInsider(exchange, (address) => context.mayReadMetrics(address)) ? answer(exchange) : 'endpoint_forbidden';
  };
  if (settings.healthEnabled) {
    add(settings.healthPath, () => view.health());
    add(`${settings.healthPath}/`, () => view.health(), context.seriesOf(settings.healthPath));
    add(settings.readinessPath, () => view.readiness());
    add(settings.livenessPath, () => view.liveness());
  }
  if (settings.metricsEnabled) {
    const metrics = (exchange: Exchange) => view.metrics(exchange.head.fields.joined(ACCEPT) ?? '');
    add(settings.metricsPath, forInsiders(metrics));
  } else {
    // The path stays reserved: a scraper must learn that there are no metrics, not get a page of the default backend (S43).
    add(settings.metricsPath, () => 'endpoint_not_found');
  }
  if (settings.debugEnabled) {
    const list = () => jsonReply(200, { timestamp: formatTimestamp(Date.now()), backends: backends.all() });
    add(DEBUG_BACKENDS_PATH, forInsiders(list));
  }
  return endpoints;
}

/**
 * `/health/<host>`: 200, or 503 when no backend of the host is healthy. The status is for everybody, so that a probe works from
 * anywhere; addresses and errors of backends are for insiders.
 */
function hostHealthOf(context: EndpointContext, prefix: string): Endpoint {
  return {
    series: context.seriesOf(hostHealthLabel(context.settings)),
    answer(exchange) {
      const host = hostOf(exchange.path.slice(prefix.length));
      const report = host === null ? null : context.backends.ofHost(host);
      if (report === null) return 'host_not_configured';
      const { backends, ...summary } = report;
      const body = isInsider(exchange, (address) => context.mayReadMetrics(address))
        ? { ...summary, backends }
        : summary;
      return jsonReply(report.status === 'unhealthy' ? 503 : 200, body);
    },
  };
}

/** A path segment as a host in lower case without port; null when it is none. */
function hostOf(segment: string): string | null {
  try {
    return parseAuthority(decodeURIComponent(segment));
  } catch {
    return null;
  }
}

/** Ours on localhost, on an address, on this machine's name and on every name that no route has. */
function isOwn(context: EndpointContext, host: string): boolean {
  if (host === '' || host === 'localhost' || host === context.ownHostname) return true;
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  return isIP(address) !== 0 || !context.isRouted(host);
}
