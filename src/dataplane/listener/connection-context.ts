import type { Socket } from 'node:net';
import type { RequestHeadParser } from '../../base/http1/request-head-parser.ts';
import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import type { ListenerSettings } from '../../config/resolved-config.ts';
import type { ExchangeEntry, ExchangeOrigin } from '../exchange/exchange.ts';

/** What the connections of one listener share. */
export interface ConnectionContext {
  readonly settings: ListenerSettings;
  readonly parser: RequestHeadParser;
  readonly wheel: TimerWheel;
  readonly entry: ExchangeEntry;
  /** The worker is shutting down: answers are the last of their connection. */
  draining: boolean;
  /** Called once when a connection is over. */
  closed(connection: DrainableConnection, entry: number): void;
}

/** Opens an HTTP/2 connection on an accepted socket. */
export type OpenH2 = (
  socket: Socket,
  context: ConnectionContext,
  origin: ExchangeOrigin,
  clientEntry: number,
) => DrainableConnection;

/** A connection as its listener sees it. */
export interface DrainableConnection {
  /** Whether a request is running. */
  readonly busy: boolean;
  /** Closes the connection if no request is running; else after the one that is. */
  drain(): void;
  /** Closes at once; what runs is answered with the reason where that can still be sent. */
  destroy(): void;
}
