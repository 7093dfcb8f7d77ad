/** Host of all requests of the drill. */
export const DRILL_HOST = 'drill.test';

/** Label of requests that no route takes. */
export const UNMATCHED = 'unmatched';

/** What a class of exchanges is counted as: the labels of `rwwwrse_requests_total`. */
export function keyOf(method: string, path: string, status: number): string {
  return `${method} ${path} ${status}`;
}

/** One kind of request of a client that keeps its connection. */
export interface SteadyRequest {
  readonly method: string;
  /** First segment: the route's path, or none. The last tells the backend what to do. */
  readonly target: string;
  readonly status: number;
  readonly body: 'none' | 'length' | 'chunked';
  /** How often it is sent, relative to the others. */
  readonly weight: number;
}

type Row = readonly [weight: number, method: string, target: string, status: number, body?: SteadyRequest['body']];

const ROWS: readonly Row[] = [
  [40, 'GET', '/plain/s200', 200],
  [10, 'POST', '/plain/s201', 201, 'length'],
  [5, 'PUT', '/more/s204', 204, 'chunked'],
  [5, 'HEAD', '/more/s200', 200],
  [5, 'DELETE', '/both/s404', 404],
  [10, 'GET', '/both/s200', 200],
  [3, 'PATCH', '/plain/s500', 500, 'length'],
  [3, 'GET', '/more/s401', 401],
  [2, 'OPTIONS', '/both/s200', 200],
  [2, 'PURGE', '/plain/s200', 200],
  [2, 'GET', '/plain/s304', 304],
  [1, 'GET', '/more/s503', 503],
  // Answered without a backend: no route, a redirect, a backend that is gone.
  [3, 'GET', '/nowhere/at-all', 404],
  [3, 'GET', '/moved/page', 308],
  [2, 'GET', '/dead/page', 502],
  // The backend closes instead of answering; what may be sent twice is, once.
  [2, 'POST', '/plain/reset', 502, 'length'],
  [2, 'GET', '/both/reset', 502],
];

/** All kinds of requests of kept connections. */
export const STEADY: readonly SteadyRequest[] = ROWS.map(steadyRequest);

function steadyRequest([weight, method, target, status, body = 'none']: Row): SteadyRequest {
  return { method, target, status, body, weight };
}

/** Text of a request. */
export function requestText({ method, target, body }: SteadyRequest): string {
  const head = `${method} ${target} HTTP/1.1\r\nHost: ${DRILL_HOST}\r\n`;
  if (body === 'length') return `${head}Content-Length: 5\r\n\r\nhello`;
  return body === 'chunked' ? `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n` : `${head}\r\n`;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT']);
const ROUTES = new Set(['/plain', '/more', '/both', '/moved', '/dead', '/unsure', '/lost', '/late']);

/** What a request line and a status are counted as; a request that never had a whole head has neither method nor target. */
export function countedAs(method: string, target: string, status: number): string {
  const segment = `/${target.split('/', 2)[1] ?? ''}`;
  return keyOf(METHODS.has(method) ? method : 'OTHER', ROUTES.has(segment) ? segment : UNMATCHED, status);
}

/** Lines of the configuration: a listener for each protocol. */
export function drillListeners(port: number, h2Port: number): string[] {
  return [
    'listeners:',
    `  - { name: main, address: "127.0.0.1:${port}" }`,
    `  - { name: h2, address: "127.0.0.1:${h2Port}", protocol: h2c }`,
  ];
}

/** Lines of the configuration: two living backends, one for what may or may not arrive, and one that is gone. */
export function drillRoutes([first, second, unsure, dead]: readonly string[]): string[] {
  const route = (name: string, rest: string): string => `  ${name}: { host: ${DRILL_HOST}, path: /${name}, ${rest} }`;
  return [
    'routes:',
    route('plain', `target: "${first}"`),
    route('more', `target: "${second}"`),
    route('both', `targets: ["${first}", "${second}"]`),
    route('unsure', `target: "${unsure}"`),
    route('lost', `target: "${unsure}"`),
    route('late', `target: "${unsure}", request_timeout: 300ms`),
    route('dead', `target: "${dead}"`),
    route('moved', 'redirect: { status: 308, prefix: /new }'),
  ];
}
