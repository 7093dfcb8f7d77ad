import type { BackendPolicy, RetrySettings } from './resilience-settings.ts';

/** A backend of a route or of the default, and its share. */
export interface TargetSettings {
  /** Scheme, host and port as configured, path included: `http://127.0.0.1:9000/base`. */
  readonly url: string;
  readonly weight: number;
}

/** What a request must be like for a route to take it; every part must hold. */
export interface RouteMatch {
  /** Lower case host, `*.domain`, or `*` = any. */
  readonly host: string;
  /** `prefix` is matched on segment borders (`/` = all), `exact` takes this path alone. No trailing slash but in `/`. */
  readonly path: { readonly kind: 'prefix' | 'exact'; readonly value: string };
  /** Method tokens; empty = any. */
  readonly methods: readonly string[];
  /** All must hold. */
  readonly headers: readonly HeaderMatch[];
  /** Among the routes of one host the highest goes first, before the more specific path; default 0. */
  readonly priority: number;
}

/** One condition on a request field; several fields of one name count as their values joined by `, `. */
export interface HeaderMatch {
  /** Lower case. */
  readonly name: string;
  readonly kind: 'exact' | 'prefix' | 'regex' | 'present' | 'absent';
  /** The value, prefix or source of the regular expression (matched against the whole value); empty for the other kinds. */
  readonly value: string;
}

/** Changes of a head's fields, in this order: remove, set, add. Names as written. */
export interface HeaderChanges {
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly add: readonly (readonly [name: string, value: string])[];
  readonly remove: readonly string[];
}

/** What replaces a path: all of it, or the part that the route's prefix took. */
export interface PathChange {
  readonly kind: 'full' | 'prefix';
  readonly value: string;
}

/** Answer of a route that redirects instead of proxying. What is null stays as the client sent it. */
export interface RedirectSettings {
  readonly status: 301 | 302 | 303 | 307 | 308;
  readonly scheme: 'http' | 'https' | null;
  readonly host: string | null;
  /** Null = the port of the request when the scheme stays, else the scheme's own. */
  readonly port: number | null;
  readonly path: PathChange | null;
}

/** How a backend is chosen (docs/balancing.md). */
export type BalancingStrategy = 'round_robin' | 'least_conn' | 'ip_hash' | 'consistent_hash' | 'random_two';

/** What consistent_hash looks at. `name` is the field or cookie. */
export type HashSource =
  | { readonly kind: 'address' | 'path' }
  | { readonly kind: 'header' | 'cookie'; readonly name: string };

/** How the backends of a route share its requests. */
export interface BalancingSettings {
  readonly strategy: BalancingStrategy;
  readonly hashOn: HashSource;
  /** Name of the cookie that keeps a client at its backend, or null. */
  readonly stickyCookie: string | null;
  /** Life of the cookie in seconds; 0 = the browser's session. */
  readonly stickyMaxAgeSeconds: number;
}

/** A route: what it takes and what becomes of it. Plain data, which crosses to the workers as it is. */
export interface RouteSettings {
  readonly name: string;
  readonly match: RouteMatch;
  /** Empty when `redirect` answers. */
  readonly targets: readonly TargetSettings[];
  readonly redirect: RedirectSettings | null;
  readonly rewritePath: PathChange | null;
  /** Host field for the backend instead of the client's or the backend's own, or null. */
  readonly rewriteHost: string | null;
  readonly requestHeaders: HeaderChanges;
  readonly responseHeaders: HeaderChanges;
  readonly balancing: BalancingSettings;
  readonly backends: BackendPolicy;
  readonly retry: RetrySettings;
  /** false: the wish to upgrade is left out of what is forwarded (RFC 9110 7.8). */
  readonly upgrades: boolean;
  /** Longest silence of a tunnel in both directions, and of a stream of server-sent events; 0 = off. */
  readonly tunnelIdleMs: number;
  /** Response-header timeout of the route's backends, ms. */
  readonly timeoutMs: number;
  /** From the complete request head to the end of the answer; 0 = off. Tunnels are left alone. */
  readonly requestTimeoutMs: number;
  readonly stripPath: boolean;
  readonly preserveHost: boolean;
  /** `pass`: a path that can be read in two ways is forwarded as it came, when both readings lead to this route. */
  readonly ambiguousPath: 'refuse' | 'pass';
  /** Whether its requests are written to the access log. */
  readonly accessLog: boolean;
  /** Bodies of error answers by status (`404`) or class (`5xx`), the status's own first. */
  readonly errorPages: readonly ErrorPage[];
}

/** A route's own answer to an error that the proxy makes. */
export interface ErrorPage {
  /** `404` or `5xx`. */
  readonly status: string;
  readonly contentType: string;
  /** The page itself, read when the configuration was loaded; `{{status}}`, `{{error}}`, `{{code}}` and `{{request_id}}` are filled in. */
  readonly body: string;
}

/** A request in the configuration with the route that it must take (`tests:`). */
export interface RoutingTest {
  readonly method: string;
  /** `http` or `https` URL. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Name of the expected route, `default` for the default backend, or null = none takes it. */
  readonly route: string | null;
  /** Where it was written, for the report: `config.yaml:12:5`. */
  readonly origin: string;
}
