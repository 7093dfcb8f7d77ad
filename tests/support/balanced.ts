import type { BalancedRequest, UpstreamBackend, UpstreamGroup } from '../../src/dataplane/exchange/upstream.ts';
import { parsedHead } from './parsed-head.ts';

/** A backend that only has a name; the test sets its number of requests and its state. */
export interface BalancedBackend extends UpstreamBackend {
  inFlight: number;
  isAvailable: boolean;
  isAdmitting: boolean;
  share: number;
}

/** Backends `http://10.0.0.1:8080`, `http://10.0.0.2:8080` and so on. */
export function balancedBackends(count: number): BalancedBackend[] {
  return Array.from({ length: count }, (_, index) => {
    const authority = `10.0.0.${index + 1}:8080`;
    return {
      name: `http://${authority}`,
      authority,
      basePath: '',
      inFlight: 0,
      isAvailable: true,
      share: 1,
      isAdmitting: true,
      admit: () => true,
      withdrawn: () => undefined,
      acquire: () => undefined,
      waited: () => undefined,
      answered: () => undefined,
      failed: () => undefined,
    };
  });
}

/** What a test says about a request; the rest is the same for all. */
export interface BalancedRequestParts {
  readonly address?: string;
  readonly path?: string;
  /** Field lines of its head. */
  readonly lines?: readonly string[];
}

/** A request as a balancer sees it. */
export function balancedRequest({
  address = '192.0.2.1',
  path = '/',
  lines = [],
}: BalancedRequestParts = {}): BalancedRequest {
  return { head: parsedHead(`GET ${path}`, 'a.test', lines), clientAddress: address, path };
}

/** How often each backend is selected by the requests, in the order of `backends`. */
export function shares(
  group: UpstreamGroup,
  backends: readonly UpstreamBackend[],
  requests: Iterable<BalancedRequest>,
): number[] {
  const counts = backends.map(() => 0);
  for (const request of requests) {
    const index = backends.indexOf(group.select(request, null) as UpstreamBackend);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}
