import { type ErrorCode, errorEntry } from '../../base/errors/catalogue.ts';
import { pathReadings } from '../../base/http/path-readings.ts';
import type { RequestHead } from '../../base/http1/request-head.ts';
import { HELD } from '../../shared-memory/held.ts';
import type { RetryDenial, RetryReason } from '../../telemetry/metrics/families.ts';
import type { Exchange, ExchangeEntry } from '../exchange/exchange.ts';
import type { Filter, Verdict } from '../exchange/filter.ts';
import type { Reply } from '../exchange/reply.ts';
import type { CompiledRoute } from '../exchange/compiled-route.ts';
import { AttemptLoop } from '../proxy/attempt.ts';
import type { OpenStreams } from '../proxy/streams/open-streams.ts';
import { reportDefect } from '../wire/fence.ts';
import { Answer, type AnswerOwner } from './answer.ts';
import { errorReply } from './error-reply.ts';
import { type Recorders, recordFinished } from './finish.ts';
import type { RequestIds } from './request-ids.ts';
import { RouteTimeout } from './route-timeout.ts';
import { sendReply } from './send-reply.ts';
import { joinTransforms } from './transform-chain.ts';

/** What the pipeline reads anew for every exchange; swapped whole on a reload. */
export interface RunnableSnapshot {
  /** Filters that run before routing, in their order. */
  readonly edgeFilters: readonly Filter[];
  readonly requestIds: RequestIds;
  /** The route of a host in lower case and a path in normal form. */
  match(host: string, path: string, head: RequestHead): CompiledRoute | null;
}

/** What the pipeline logs about a failed exchange. */
export type FailureLog = (exchange: Exchange, code: ErrorCode) => void;

/** Runs exchanges (DESIGN.md 3): edge filters, route, route filters, attempt loop, and the one finish. */
export class Pipeline implements ExchangeEntry, AnswerOwner {
  readonly streams: OpenStreams;
  private readonly current: () => RunnableSnapshot;
  private readonly recorders: Recorders;
  private readonly logFailure: FailureLog;

  constructor(current: () => RunnableSnapshot, recorders: Recorders, logFailure: FailureLog, streams: OpenStreams) {
    this.streams = streams;
    this.current = current;
    this.recorders = recorders;
    this.logFailure = logFailure;
  }

  begin(exchange: Exchange): void {
    this.recorders.held.add(HELD.requests, 1);
    this.current().requestIds.assign(exchange);
    exchange.readTarget();
    try {
      if (this.passes(exchange, this.current().edgeFilters, 0, null)) this.route(exchange);
    } catch (error) {
      this.defect(exchange, error);
    }
  }

  refuse(exchange: Exchange, code: ErrorCode): void {
    this.recorders.held.add(HELD.requests, 1);
    this.current().requestIds.assignNew(exchange);
    this.fail(exchange, code);
  }

  abort(exchange: Exchange, code: ErrorCode): void {
    if (exchange.requestId === '') this.refuse(exchange, code);
    else this.fail(exchange, code);
  }

  left(exchange: Exchange): void {
    this.abort(exchange, abortCode(exchange));
  }

  finish(exchange: Exchange): void {
    if (exchange.finished) return;
    exchange.finished = true;
    exchange.running?.abort();
    exchange.running = null;
    exchange.body?.release();
    exchange.deadline?.cancel();
    endTransforms(exchange);
    exchange.openStream?.over();
    recordFinished(exchange, this.recorders);
  }

  /** Ends an exchange that failed: with the catalogue's answer, or by cutting the stream when an answer has begun. */
  fail(exchange: Exchange, code: ErrorCode): void {
    if (exchange.finished) return;
    exchange.failure = code;
    exchange.running?.abort();
    exchange.running = null;
    endTransforms(exchange);
    this.logFailure(exchange, code);
    const status = errorEntry(code).status;
    if (status !== 499 && !exchange.headSent) {
      sendReply(exchange, errorReply(exchange, code), mustClose(exchange, code));
      return;
    }
    if (!exchange.headSent || status === 499) exchange.status = status;
    this.finish(exchange);
    exchange.downstream.cut();
  }

  retried(reason: RetryReason): void {
    this.recorders.metrics.retries.retried(reason);
  }

  retryDenied(denial: RetryDenial): void {
    this.recorders.metrics.retries.denied(denial);
  }

  private route(exchange: Exchange): void {
    const snapshot = this.current();
    const route = snapshot.match(exchange.head.host, exchange.path, exchange.head);
    if (exchange.ambiguity !== null && !mayPassAmbiguous(exchange, route, snapshot)) {
      this.fail(exchange, exchange.ambiguity);
      return;
    }
    if (route === null) {
      this.fail(exchange, 'host_not_configured');
      return;
    }
    exchange.route = route;
    if (route.requestTimeoutMs > 0) {
      exchange.deadline = new RouteTimeout(this.streams.wheel, exchange, route.requestTimeoutMs, (late, code) =>
        this.fail(late, code),
      );
    }
    if (route.filters.length > 0) atEnd(exchange, route);
    if (this.passes(exchange, route.filters, 0, route)) this.proxy(exchange, route);
  }

  private proxy(exchange: Exchange, route: CompiledRoute): void {
    if (exchange.body !== null) {
      for (const filter of route.filters) {
        const next = filter.requestBody?.(exchange) ?? null;
        exchange.requestTransform = joinTransforms(exchange.requestTransform, next);
      }
    }
    const loop = new AttemptLoop(exchange, route, new Answer(exchange, route, this));
    exchange.running = loop;
    loop.start();
  }

  /**
   * Runs request phases; true = all let the exchange pass, now. Else it was answered, or it goes on later: to its route, or
   * without one to the routing.
   */
  private passes(exchange: Exchange, filters: readonly Filter[], from: number, route: CompiledRoute | null): boolean {
    for (let i = from; i < filters.length; i++) {
      const filter = filters[i] as Filter;
      if (filter.request === undefined) continue;
      const verdict = filter.request(exchange);
      if (verdict === null) continue;
      if (verdict instanceof Promise) {
        this.await(exchange, verdict, () => {
          if (!this.passes(exchange, filters, i + 1, route)) return;
          if (route === null) this.route(exchange);
          else this.proxy(exchange, route);
        });
      } else {
        this.settle(exchange, verdict);
      }
      return false;
    }
    return true;
  }

  private settle(exchange: Exchange, verdict: Reply | ErrorCode): void {
    if (typeof verdict === 'string') this.fail(exchange, verdict);
    else sendReply(exchange, verdict, false);
  }

  private await(exchange: Exchange, verdict: Promise<Verdict>, next: () => void): void {
    verdict.then(
      (reply) => {
        if (exchange.finished) return;
        try {
          if (reply === null) next();
          else this.settle(exchange, reply);
        } catch (error) {
          this.defect(exchange, error);
        }
      },
      (error: unknown) => this.defect(exchange, error),
    );
  }

  private defect(exchange: Exchange, error: unknown): void {
    reportDefect(error);
    this.fail(exchange, 'internal_defect');
  }
}

/** What has no second reading that could be compared. */
const NEVER_PASSED: ReadonlySet<ErrorCode> = new Set(['request_target_invalid', 'path_overlong_encoding']);

/**
 * A path that another program may read differently goes on only where its route says so, and where every other reading leads
 * to the same route: else a rule of one route could be evaded through another (PEERS 4, path confusion). Where something is put
 * before the path, dot segments must not climb into it. A NUL goes nowhere.
 */
function mayPassAmbiguous(exchange: Exchange, route: CompiledRoute | null, snapshot: RunnableSnapshot): boolean {
  const { ambiguity, head, path } = exchange;
  if (route === null || !route.passesAmbiguousPath || NEVER_PASSED.has(ambiguity as ErrorCode)) return false;
  if (path.includes('%00')) return false;
  const floor = route.pathFloor ?? -1;
  for (const reading of pathReadings(path)) {
    if (reading.lowest < floor || snapshot.match(head.host, reading.path, head) !== route) return false;
  }
  return true;
}

/** Where the client left: what it did not wait for tells who made it wait. */
function abortCode({ headSent, body }: Exchange): ErrorCode {
  if (headSent) return 'client_abort_body';
  return body !== null && !body.complete ? 'client_abort_request' : 'client_abort_waiting';
}

function endTransforms(exchange: Exchange): void {
  exchange.requestTransform?.destroy();
  exchange.requestTransform = null;
  exchange.responseTransform?.destroy();
  exchange.responseTransform = null;
}

function atEnd(exchange: Exchange, route: CompiledRoute): void {
  exchange.atEnd = () => {
    for (const filter of route.filters) filter.finish?.(exchange);
  };
}

/** Refusals of requests that were well formed and read to their end: the connection can carry the next one. */
const WELL_FORMED: ReadonlySet<ErrorCode> = new Set([
  'host_not_configured',
  'endpoint_not_found',
  'endpoint_method_refused',
  'endpoint_forbidden',
  'metrics_timeout',
]);

/** After any other refusal the bytes that follow cannot be trusted to be a request; after a backend's failure they can. */
function mustClose(exchange: Exchange, code: ErrorCode): boolean {
  if (WELL_FORMED.has(code)) return false;
  return exchange.route === null || errorEntry(code).source === 'downstream';
}
