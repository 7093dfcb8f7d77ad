import { type ErrorCode, errorEntry } from '../../base/errors/catalogue.ts';
import { FIELD_ID } from '../../base/http/field-names.ts';
import { HELD } from '../../shared-memory/held.ts';
import type { Exchange, ExchangeEntry } from '../exchange/exchange.ts';
import type { Filter, Verdict } from '../exchange/filter.ts';
import type { Reply } from '../exchange/reply.ts';
import type { CompiledRoute } from '../exchange/compiled-route.ts';
import { AttemptLoop } from '../proxy/attempt.ts';
import { reportDefect } from '../wire/fence.ts';
import { Answer, type AnswerOwner } from './answer.ts';
import { errorReply } from './error-reply.ts';
import { type Recorders, recordFinished } from './finish.ts';
import { isAcceptableRequestId, RequestIds } from './request-ids.ts';
import { sendReply } from './send-reply.ts';
import { joinTransforms } from './transform-chain.ts';

const REQUEST_ID = FIELD_ID['x-request-id'];

/** What the pipeline reads anew for every exchange; swapped whole on a reload. */
export interface RunnableSnapshot {
  /** Filters that run before routing, in their order. */
  readonly edgeFilters: readonly Filter[];
  match(exchange: Exchange): CompiledRoute | null;
}

/** What the pipeline logs about a failed exchange. */
export type FailureLog = (exchange: Exchange, code: ErrorCode) => void;

/** Runs exchanges (DESIGN.md 3): edge filters, route, route filters, attempt loop, and the one finish. */
export class Pipeline implements ExchangeEntry, AnswerOwner {
  private readonly current: () => RunnableSnapshot;
  private readonly recorders: Recorders;
  private readonly logFailure: FailureLog;
  private readonly ids: RequestIds = new RequestIds();

  constructor(current: () => RunnableSnapshot, recorders: Recorders, logFailure: FailureLog) {
    this.current = current;
    this.recorders = recorders;
    this.logFailure = logFailure;
  }

  begin(exchange: Exchange): void {
    this.recorders.held.add(HELD.requests, 1);
    exchange.requestId = this.requestIdOf(exchange);
    try {
      if (this.passes(exchange, this.current().edgeFilters, 0, null)) this.route(exchange);
    } catch (error) {
      this.defect(exchange, error);
    }
  }

  refuse(exchange: Exchange, code: ErrorCode): void {
    this.recorders.held.add(HELD.requests, 1);
    exchange.requestId = this.ids.next();
    this.fail(exchange, code);
  }

  abort(exchange: Exchange, code: ErrorCode): void {
    if (exchange.requestId === '') this.refuse(exchange, code);
    else this.fail(exchange, code);
  }

  finish(exchange: Exchange): void {
    if (exchange.finished) return;
    exchange.finished = true;
    exchange.running?.abort();
    exchange.running = null;
    exchange.body?.release();
    endTransforms(exchange);
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

  resent(): void {
    this.recorders.metrics.count('upstream_retries');
  }

  private route(exchange: Exchange): void {
    const route = this.current().match(exchange);
    if (route === null) {
      this.fail(exchange, 'host_not_configured');
      return;
    }
    exchange.route = route;
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

  private requestIdOf(exchange: Exchange): string {
    const given = exchange.head.fields.first(REQUEST_ID);
    return given !== null && isAcceptableRequestId(given) ? given : this.ids.next();
  }
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
