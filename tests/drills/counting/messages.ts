/** What a client process is told to do. */
export interface ClientOrder {
  readonly port: number;
  /** Port for HTTP/2 in clear text. */
  readonly h2Port: number;
  /** Requests on kept connections. */
  readonly requests: number;
  /** Clients that come for one request; and as many requests over HTTP/2. */
  readonly visits: number;
  readonly seed: number;
}

/** What a backend process counted. */
export interface BackendCounts {
  /** Requests by what they asked for: `s200`, `reset`, `hold`, `part`, `cut`, `upload`, `tunnel`. */
  readonly asked: Readonly<Record<string, number>>;
}
