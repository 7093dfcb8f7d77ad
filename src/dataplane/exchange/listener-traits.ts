import type { ListenerSettings } from '../../config/resolved-config.ts';

/** What the pipeline may ask of the listener that a request came through. */
export interface ListenerTraits {
  readonly settings: ListenerSettings;
  /** Port of the listener, for X-Forwarded-Port; 0 on a unix socket. */
  readonly port: number;
  /** Whether this listener believes what an address says of others. */
  isTrusted(address: string): boolean;
}
