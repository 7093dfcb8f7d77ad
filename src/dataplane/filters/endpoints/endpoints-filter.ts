import { isIP } from 'node:net';
import type { EndpointSettings } from '../../../config/resolved-config.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Filter, Verdict } from '../../exchange/filter.ts';
import type { OperationsView } from '../../exchange/operations-view.ts';
import type { RouteSeries } from '../../exchange/route.ts';

interface Endpoint {
  readonly series: RouteSeries;
  readonly answer: (exchange: Exchange) => Verdict | Promise<Verdict>;
}

/** What the endpoints need beside their settings. */
export interface EndpointContext {
  readonly settings: EndpointSettings;
  readonly view: OperationsView;
  /** Whether a route takes this host by name: then the paths are the application's, not ours (SPEC B, ownership rule). */
  isRouted(host: string): boolean;
  mayReadMetrics(address: string): boolean;
  readonly ownHostname: string;
  /** Series of an endpoint's path. */
  seriesOf(path: string): RouteSeries;
}

/** Answers /health, /ready, /live and /metrics before routing, where they belong to the proxy. */
export function createEndpointsFilter(context: EndpointContext): Filter {
  const { settings, view } = context;
  const endpoints = new Map<string, Endpoint>();
  const add = (path: string, answer: Endpoint['answer']): unknown =>
    endpoints.set(path, { series: context.seriesOf(path), answer });
  if (settings.healthEnabled) {
    add(settings.healthPath, () => view.health());
    add(settings.readinessPath, () => view.readiness());
    add(settings.livenessPath, () => view.liveness());
  }
  if (settings.metricsEnabled) {
    add(settings.metricsPath, (exchange) => (mayRead(context, exchange) ? view.metrics() : 'endpoint_forbidden'));
  }
  return {
    name: 'endpoints',
    request(exchange) {
      const endpoint = endpoints.get(pathOf(exchange.head.target));
      const operations = exchange.traits.settings.role === 'operations';
      if (endpoint === undefined) return operations ? 'endpoint_not_found' : null;
      if (!operations && !isOwn(context, exchange.head.host)) return null;
      exchange.series = endpoint.series;
      const { method } = exchange.head;
      return method === 'GET' || method === 'HEAD' ? endpoint.answer(exchange) : 'endpoint_method_refused';
    },
  };
}

/** Ours on localhost, on an address, on this machine's name and on every name that no route has. */
function isOwn(context: EndpointContext, host: string): boolean {
  if (host === '' || host === 'localhost' || host === context.ownHostname) return true;
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  return isIP(address) !== 0 || !context.isRouted(host);
}

function mayRead(context: EndpointContext, exchange: Exchange): boolean {
  return exchange.traits.settings.role === 'operations' || context.mayReadMetrics(exchange.peerAddress);
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}
