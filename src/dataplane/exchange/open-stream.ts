/** What an exchange became that stays open until somebody ends it: a tunnel, or a stream of server-sent events. */
export interface OpenStream {
  /** The program drains: ends in the way of its protocol as soon as it may, or waits for `cut` when it has none. */
  goAway(): void;
  /** Ends now; what its protocol wants to say first is said if it may be said now. */
  cut(): void;
  /** The exchange is over: exactly once, however it ended. */
  over(): void;
}
