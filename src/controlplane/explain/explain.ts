import { randomBytes } from 'node:crypto';
import { errorEntry, type ErrorCode } from '../../base/errors/catalogue.ts';
import { CidrSet } from '../../base/net/cidr.ts';
import { BODY_NONE } from '../../base/http1/framing.ts';
import { RequestHead } from '../../base/http1/request-head.ts';
import { RequestHeadParser } from '../../base/http1/request-head-parser.ts';
import { ownForwardedFields } from '../../base/http/forwarded-fields.ts';
import type { ListenerSettings, ResolvedConfig } from '../../config/resolved-config.ts';
import type { BalancingSettings } from '../../config/route-settings.ts';
import type { CompiledRoute } from '../../dataplane/exchange/compiled-route.ts';
import { Exchange } from '../../dataplane/exchange/exchange.ts';
import { EDGE_ORDER } from '../../dataplane/filters/order.ts';
import { Pipeline } from '../../dataplane/pipeline/pipeline.ts';
import { explainRoutes, matchText } from '../../dataplane/router/explain-routes.ts';
import type { RouteEntry } from '../../dataplane/router/route-match.ts';
import { UNKNOWN_BACKENDS } from '../../dataplane/filters/endpoints/backend-reports.ts';
import { OpenStreams } from '../../dataplane/proxy/streams/open-streams.ts';
import { compileSnapshot, type CompiledSnapshot } from '../../dataplane/snapshot/compile.ts';
import type { TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import { TimerWheel } from '../../base/time/timer-wheel.ts';
import { HeldValues } from '../../shared-memory/held.ts';
import { createRegions } from '../../shared-memory/regions.ts';
import { WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import { NO_LOOKUP } from '../plan/name-lookup.ts';
import { SeriesNames } from '../plan/series-names.ts';
import { planTraffic } from '../plan/traffic-plan.ts';
import type { Explanation } from './explanation.ts';
import { PROBE_VIEW, ProbeBackends, ProbeDownstream } from './probe.ts';

/** The request that is asked about. */
export interface ExplainedRequest {
  readonly method: string;
  /** `http` or `https` URL; its path is taken as written. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Address that the request comes from; default 203.0.113.1, a client that nobody trusts. */
  readonly from?: string;
}

const SOMEBODY = '203.0.113.1';
const VIA = 'rwwwrse-explain';
const URL_SHAPE = /^(https?):\/\/([^/?#]+)([^#]*)/i;

/**
 * Answers for a configuration what would become of requests, with the pipeline and the compiled snapshot that workers run; only
 * sockets are missing. Nothing is sent anywhere and no name is looked up.
 */
export class Explainer {
  private readonly backends: ProbeBackends = new ProbeBackends();
  private readonly metrics: WorkerMetrics;
  private readonly held: HeldValues;
  private readonly wheel: TimerWheel = new TimerWheel(performance.now());
  private readonly streams: OpenStreams;
  private readonly plan: TrafficPlan;
  private readonly listener: ListenerSettings;
  private readonly snapshot: CompiledSnapshot;

  private constructor(plan: TrafficPlan, listener: ListenerSettings) {
    const regions = createRegions(1);
    this.plan = plan;
    this.listener = listener;
    this.metrics = new WorkerMetrics(regions, 0);
    this.held = new HeldValues(regions, 0);
    this.streams = new OpenStreams({ wheel: this.wheel, held: this.held, metrics: this.metrics.streams });
    this.snapshot = compileSnapshot(plan, {
      workerIndex: 0,
      registry: this.backends,
      metrics: this.metrics,
      wheel: this.wheel,
      retryAllowance: { configure: () => undefined, requested: () => undefined, mayRetry: () => false },
      via: VIA,
      hostname: '',
      view: PROBE_VIEW,
      backends: UNKNOWN_BACKENDS,
    });
  }

  /** Compiles a configuration. */
  static async of(config: ResolvedConfig): Promise<Explainer> {
    const plan = await planTraffic(config.traffic, {
      version: 1,
      names: new SeriesNames(),
      places: { placeOf: (backend) => backend },
      workers: 1,
      lookup: NO_LOOKUP,
      ownStickySecret: randomBytes(32).toString('base64url'),
    });
    const listener = config.settings.listeners.find(({ role }) => role === 'traffic');
    return new Explainer(plan, listener ?? (config.settings.listeners[0] as ListenerSettings));
  }

  /**
   * What would become of a request.
   *
   * @throws Error with a message for people when the URL is none
   */
  explain(request: ExplainedRequest): Explanation {
    const shape = URL_SHAPE.exec(request.url);
    if (shape === null) throw new Error(`${JSON.stringify(request.url)} is not a URL; write http://host/path`);
    const [, scheme, authority, rest] = shape as unknown as [string, string, string, string];
    const target = rest.startsWith('/') ? rest : `/${rest}`;
    const head = new RequestHead();
    const refusal = this.parse(`${request.method} ${target}`, authority, request.headers, head);
    if (refusal !== null) return this.refusedHead(request, refusal);
    return this.run(request, head, scheme.toLowerCase() as 'http' | 'https');
  }

  private run(request: ExplainedRequest, head: RequestHead, scheme: 'http' | 'https'): Explanation {
    const downstream = new ProbeDownstream();
    const exchange = this.exchangeOf(head, scheme, request.from ?? SOMEBODY, downstream);
    let refused: ErrorCode | null = null;
    this.backends.head = null;
    this.backends.chosen = null;
    const pipeline = new Pipeline(
      () => this.snapshot,
      { metrics: this.metrics, held: this.held, unmatched: this.metrics.route(0), log: { finished: () => undefined } },
      (_exchange, code) => {
        refused = code;
      },
      this.streams,
    );
    pipeline.begin(exchange);
    const route = exchange.route as CompiledRoute | null;
    const explanation = {
      ...this.routing(request, exchange, route),
      refused: answerOf(refused, downstream, exchange),
      filters: [...EDGE_ORDER, ...(route?.filters.map(({ name }) => name) ?? [])],
      redirect: redirectOf(downstream),
      upstream: upstreamOf(this.backends.head),
      ...this.balancing(route),
    };
    pipeline.finish(exchange);
    return explanation;
  }

  private routing(
    request: ExplainedRequest,
    exchange: Exchange,
    route: CompiledRoute | null,
  ): Pick<Explanation, 'request' | 'route' | 'considered'> {
    const { head, path, ambiguity } = exchange;
    const considered = explainRoutes(this.snapshot.entries, { host: head.host, path, head }, route);
    return {
      request: { method: head.method, url: request.url, host: head.host, path, ambiguity },
      route: route?.name ?? null,
      considered: considered.map(({ entry, isTaken, reason }) => ({
        ...describe(entry),
        verdict: isTaken ? 'taken' : 'lost',
        reason,
      })),
    };
  }

  private balancing(route: CompiledRoute | null): Pick<Explanation, 'backends' | 'balancing'> {
    const index = this.snapshot.entries.findIndex((entry) => entry.route === route);
    const planned = this.plan.routes[index];
    if (planned === undefined) return { backends: [], balancing: '' };
    const { chosen } = this.backends;
    return {
      backends: planned.targets.map(({ backend: { name }, weight }) => ({ name, weight, chosen: name === chosen })),
      balancing: planned.targets.length === 0 ? '' : balancingText(planned.balancing),
    };
  }

  private refusedHead(request: ExplainedRequest, code: ErrorCode): Explanation {
    return {
      request: { method: request.method, url: request.url, host: '', path: '', ambiguity: null },
      route: null,
      refused: refusalText(code),
      considered: [],
      filters: [],
      redirect: null,
      upstream: null,
      backends: [],
      balancing: '',
    };
  }

  private parse(
    line: string,
    authority: string,
    headers: ExplainedRequest['headers'],
    head: RequestHead,
  ): ErrorCode | null {
    const lines = headers.some(([name]) => name.toLowerCase() === 'host') ? [] : [`Host: ${authority}`];
    for (const [name, value] of headers) lines.push(`${name}: ${value}`);
    const bytes = Buffer.from(`${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n\0`, 'latin1');
    const parser = new RequestHeadParser(this.listener.limits);
    return parser.parse(bytes, 0, bytes.length - 1, head) === bytes.length - 1 ? null : parser.failure.code;
  }

  private exchangeOf(
    head: RequestHead,
    scheme: 'http' | 'https',
    peerAddress: string,
    downstream: ProbeDownstream,
  ): Exchange {
    const { address, trustedProxies } = this.listener;
    const trusted = new CidrSet(trustedProxies);
    const port = address.kind === 'tcp' ? address.port : 0;
    const own = { chain: peerAddress, client: peerAddress, proto: scheme, port: String(port), via: VIA };
    const origin = {
      traits: { settings: this.listener, port, isTrusted: (each: string) => trusted.has(each) },
      peerAddress,
      ends: {},
      peerTrusted: trusted.has(peerAddress),
      scheme,
      forwardedFields: ownForwardedFields(own),
    };
    // A body would have to come from somewhere: the head is explained as if it had none.
    head.framing = BODY_NONE;
    return new Exchange(downstream, head, origin, performance.now());
  }
}

function describe({ name, match }: RouteEntry<CompiledRoute>): { route: string; host: string; match: string } {
  return { route: name, host: match.host, match: matchText(match) };
}

function answerOf(refused: ErrorCode | null, downstream: ProbeDownstream, exchange: Exchange): Explanation['refused'] {
  if (refused !== null) return refusalText(refused);
  const status = downstream.answer?.status ?? (exchange.series === null ? 0 : 200);
  if (status === 0 || (status >= 300 && status < 400)) return null;
  return { code: 'own_endpoint', status, text: 'The proxy answers this itself' };
}

function refusalText(code: ErrorCode): NonNullable<Explanation['refused']> {
  const { status, text } = errorEntry(code);
  return { code, status, text };
}

function redirectOf({ answer }: ProbeDownstream): Explanation['redirect'] {
  if (answer === null || answer.status < 300 || answer.status >= 400) return null;
  const location = /^Location: (.*)\r$/m.exec(answer.fields.added)?.[1] ?? '';
  return { status: answer.status, location };
}

function upstreamOf(head: string | null): Explanation['upstream'] {
  if (head === null) return null;
  const [requestLine = '', ...lines] = head.split('\r\n').filter((line) => line !== '');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { requestLine, headers };
}

function balancingText({ strategy, hashOn, stickyCookie }: BalancingSettings): string {
  const on = hashOn.kind === 'header' || hashOn.kind === 'cookie' ? `${hashOn.kind} ${hashOn.name}` : hashOn.kind;
  const base = strategy === 'consistent_hash' ? `${strategy} on ${on}` : strategy;
  return stickyCookie === null ? base : `sticky cookie ${stickyCookie}, else ${base}`;
}
