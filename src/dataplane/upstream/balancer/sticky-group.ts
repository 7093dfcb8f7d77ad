import type { BalancedRequest, UpstreamBackend, UpstreamGroup } from '../../exchange/upstream.ts';
import type { Members } from './members.ts';
import type { StickySessions } from './sticky-sessions.ts';

/**
 * Keeps a client at the backend that its cookie names. A client without a session, one whose backend is unavailable, and every
 * further attempt go by the strategy behind; the answer then moves the session.
 */
export class StickyGroup implements UpstreamGroup {
  private readonly sessions: StickySessions;
  private readonly members: Members;
  private readonly strategy: UpstreamGroup;

  constructor(sessions: StickySessions, members: Members, strategy: UpstreamGroup) {
    this.sessions = sessions;
    this.members = members;
    this.strategy = strategy;
  }

  select(request: BalancedRequest, tried: UpstreamBackend | null): UpstreamBackend | null {
    const named = tried === null ? this.sessions.namedBy(request.head) : null;
    if (named !== null && this.members.isAvailable(named)) return named;
    return this.strategy.select(request, tried);
  }
}
