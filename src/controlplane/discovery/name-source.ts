/** A backend that an SRV record names (RFC 2782). */
export interface ServiceRecord {
  /** Name or address, lower case, without a dot at its end. */
  readonly host: string;
  readonly port: number;
  /** From 1. */
  readonly weight: number;
}

/** What a look-up came to. */
export type NameAnswer<T> =
  | { readonly kind: 'found'; readonly value: T; readonly ttlMs: number }
  | {
      /** `absent`: there is no such name, or it has no such records. `failed` and `timeout`: nobody knows. */
      readonly kind: 'absent' | 'failed' | 'timeout';
      /** Of the resolver, such as ENOTFOUND. */
      readonly code: string;
    };

/** Looks names up, each time anew; never rejects. Lists are sorted, so that equal answers look equal. */
export interface NameSource {
  /** All addresses of a host name. */
  addresses(host: string): Promise<NameAnswer<readonly string[]>>;
  /** The services of lowest priority that a name has SRV records for. */
  services(name: string): Promise<NameAnswer<readonly ServiceRecord[]>>;
}
