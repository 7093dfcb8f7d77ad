import type { BalancedRequest, UpstreamBackend, UpstreamGroup } from '../../exchange/upstream.ts';
import type { StickySessions } from './sticky-sessions.ts';

/**
 * Keeps a client at the backend that its cookie names. A client without a session, one whose backend is unavailable, and every
 * further attempt go by the strategy behind; the answer then moves the session.
 */
export class StickyGroup implements UpstreamGroup {
  private readonly sessions: StickySessions;
  private readonly strategy: UpstreamGroup;

  constructor(sessions: StickySessions, strategy: UpstreamGroup) {
    this.sessions = sessions;
    this.strategy = strategy;
  }

  select(request: BalancedRequest, tried: UpstreamBackend | null): UpstreamBackend | null {
    const named = tried === null ? this.sessions.namedBy(request.head) : null;
    if (named !== null && named.isAvailable) return named;
    return this.strategy.select(request, tried);
  }
}
