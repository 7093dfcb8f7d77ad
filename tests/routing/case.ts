/** A request of a routing case and what must come of it. What is not named is not looked at. */
export interface RoutingRequest {
  readonly method?: string;
  /** Default: the case's own host. */
  readonly host?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Backend that answers. */
  readonly backend?: string;
  /** Default 200 when `backend` is named. */
  readonly status?: number;
  readonly location?: string;
  /** Target, host and fields as the backend saw them; null = the field is not there. */
  readonly received?: {
    readonly target?: string;
    readonly host?: string;
    readonly headers?: Readonly<Record<string, string | null>>;
  };
  /** Fields of the answer. */
  readonly answer?: Readonly<Record<string, string | null>>;
}

/** Routes and requests that show one rule. */
export interface RoutingCase {
  /** Also the host of routes and requests that name none: `<id>.test`. */
  readonly id: string;
  readonly rule: string;
  /** As in the configuration file, by name; `target` and `targets` name backends `a`, `b`, `c`. */
  readonly routes: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly requests: readonly RoutingRequest[];
}
