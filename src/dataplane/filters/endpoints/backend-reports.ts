import { checkFailureText } from '../../../base/errors/check-failures.ts';
import { formatTimestamp } from '../../../base/time/timestamp.ts';
import type { BackendFacts } from '../../../shared-memory/backend-facts.ts';
import type { GateState } from '../../../shared-memory/backend-gates.ts';
import type { BreakerState } from '../../../shared-memory/breaker.ts';
import type { CheckFacts } from '../../../shared-memory/check-facts.ts';
import { failureText } from '../../upstream/backend-outcome.ts';

/** For a backend without active checks: failures of requests in a row that make it unhealthy, and successes that make it healthy again. */
const UNHEALTHY_AFTER = 3;
const HEALTHY_AFTER = 2;

/** What a report needs to know of a route. */
export interface ReportedRoute {
  readonly name: string;
  readonly match: { readonly host: string; readonly path: { readonly value: string } };
  readonly targets: readonly {
    readonly weight: number;
    readonly backend: { readonly place: number; readonly name: string };
  }[];
}

/** Connections to a backend in all workers, and requests that wait for one. */
export interface BackendConnections {
  readonly active: number;
  readonly idle: number;
  readonly pending: number;
}

/** Where the facts about backends come from, by their places. */
export interface BackendSources {
  facts(place: number): BackendFacts | null;
  /** What active checks showed; null = the backend is not checked. */
  checks(place: number): CheckFacts | null;
  /** Its breaker and its ejection; null = there are none. */
  gate(place: number): GateState | null;
  /** Null when they are not counted apart. */
  connections(place: number): BackendConnections | null;
}

/** For a snapshot that never runs a request: nothing is known. */
export const UNKNOWN_BACKENDS: BackendSources = {
  facts: () => null,
  checks: () => null,
  gate: () => null,
  connections: () => null,
};

/** A backend as `/health/<host>` shows it (SPEC B). */
export interface BackendReport {
  readonly backend: string;
  /** false, too, while its breaker is open or live traffic has ejected it. */
  readonly healthy: boolean;
  /** RFC 3339 in UTC, whole seconds: end of the last check, of a backend without checks the last attempt; null = none has ended. */
  readonly last_check: string | null;
  /** Milliseconds of the check, or to the head of the answer or the timeout; null = there was nothing to measure. */
  readonly response_time: number | null;
  readonly consecutive_failures: number;
  readonly consecutive_successes: number;
  /** Null when the last check or attempt brought no answer. */
  readonly status_code: number | null;
  readonly error: string | null;
  readonly circuit: BreakerState;
}

/** A backend as `/debug/backends` shows it. */
export interface BackendDetails extends BackendReport {
  /** Live traffic showed that it fails (docs/passive-health.md). */
  readonly ejected: boolean;
  /** An operator took it out. */
  readonly out: boolean;
  readonly connections: BackendConnections | null;
  readonly routes: readonly {
    readonly name: string;
    readonly host: string;
    readonly path: string;
    readonly weight: number;
  }[];
}

/** How a host's backends are, all in all. */
export interface HostReport {
  readonly host: string;
  /** `degraded`: some are healthy, some are not. */
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly backends: readonly BackendReport[];
}

/** One use of a backend by a route. */
type RouteUse = BackendDetails['routes'][number];

interface Target {
  readonly place: number;
  readonly name: string;
  readonly uses: RouteUse[];
}

/**
 * The backends of a snapshot by host, with what the traffic of all workers has shown about them. It keeps nothing of the routes
 * but what it shows, since a worker lets go of the plan that they came in.
 */
export class BackendReports {
  private readonly sources: BackendSources;
  private readonly targets: Map<number, Target> = new Map();
  private readonly byHost: Map<string, Set<Target>> = new Map();

  /** @param withRoutes keeps which routes use a backend; without, `all` does not know them */
  constructor(routes: readonly ReportedRoute[], sources: BackendSources, withRoutes: boolean) {
    this.sources = sources;
    for (const { name, match, targets } of routes) {
      const ofHost = this.byHost.get(match.host) ?? new Set<Target>();
      this.byHost.set(match.host, ofHost);
      for (const { backend, weight } of targets) {
        const target = this.targets.get(backend.place) ?? { place: backend.place, name: backend.name, uses: [] };
        this.targets.set(backend.place, target);
        ofHost.add(target);
        if (withRoutes) target.uses.push({ name, host: match.host, path: match.path.value, weight });
      }
    }
  }

  /**
   * The backends of the routes that take a host by name, else by the longest wildcard, as the router does it; `*` gives those
   * of the routes for any host, the default backend included. Null for a host without a route.
   *
   * @param host in lower case, without port
   */
  ofHost(host: string): HostReport | null {
    const targets = this.targetsOf(host);
    if (targets === null) return null;
    const backends = Array.from(targets, (target) => this.report(target));
    const healthy = backends.filter((backend) => backend.healthy).length;
    const status = healthy === backends.length ? 'healthy' : healthy > 0 ? 'degraded' : 'unhealthy';
    return { host, status, backends };
  }

  /** Every backend with its connections and the routes that use it, in the order of the routes. */
  all(): BackendDetails[] {
    return [...this.targets.values()].map((target) => ({
      ...this.report(target),
      ejected: this.sources.gate(target.place)?.isEjected ?? false,
      out: this.sources.gate(target.place)?.isOut ?? false,
      connections: this.sources.connections(target.place),
      routes: target.uses,
    }));
  }

  private targetsOf(host: string): ReadonlySet<Target> | null {
    const exact = this.byHost.get(host);
    if (exact !== undefined) return exact;
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const wildcard = this.byHost.get(`*${host.slice(dot)}`);
      if (wildcard !== undefined) return wildcard;
    }
    return null;
  }

  private report({ place, name }: Target): BackendReport {
    const checks = this.sources.checks(place);
    const state = checks === null ? trafficState(this.sources.facts(place)) : checkedState(checks);
    const gate = this.sources.gate(place);
    return {
      backend: name,
      ...state,
      healthy: state.healthy && (gate === null || takesRequests(gate)),
      circuit: gate?.circuit ?? 'closed',
    };
  }
}

/** Whether nothing but its health stands against requests. */
function takesRequests({ circuit, isEjected, isOut }: GateState): boolean {
  return !isEjected && !isOut && circuit !== 'open' && circuit !== 'forced_open';
}

/** What checks or traffic say of a backend. */
type ReportedState = Omit<BackendReport, 'backend' | 'circuit'>;

function checkedState(checks: CheckFacts): ReportedState {
  const hasEnded = checks.atMs > 0;
  return {
    healthy: checks.isHealthy,
    last_check: hasEnded ? formatTimestamp(checks.atMs) : null,
    response_time: hasEnded ? roundedMs(checks.durationMs) : null,
    consecutive_failures: checks.consecutiveFailures,
    consecutive_successes: checks.consecutiveSuccesses,
    status_code: checks.status === 0 ? null : checks.status,
    error: checkFailureText(checks.reason),
  };
}

function trafficState(facts: BackendFacts | null): ReportedState {
  return {
    healthy: facts === null || isHealthy(facts),
    last_check: facts === null ? null : formatTimestamp(facts.atMs),
    response_time: facts === null || facts.responseMs < 0 ? null : roundedMs(facts.responseMs),
    consecutive_failures: facts?.consecutiveFailures ?? 0,
    consecutive_successes: facts?.consecutiveSuccesses ?? 0,
    status_code: facts === null || facts.status === 0 ? null : facts.status,
    error: facts === null ? null : failureText(facts),
  };
}

function roundedMs(durationMs: number): number {
  return Math.round(durationMs * 1_000) / 1_000;
}

function isHealthy({ consecutiveFailures, consecutiveSuccesses, lastFailures }: BackendFacts): boolean {
  if (consecutiveFailures > 0) return consecutiveFailures < UNHEALTHY_AFTER;
  return lastFailures < UNHEALTHY_AFTER || consecutiveSuccesses >= HEALTHY_AFTER;
}
