import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

import type { BackendPolicy, HealthCheckSettings } from '../../src/config/resilience-settings.ts';
import { backendCheck } from '../../src/controlplane/probes/backend-check.ts';
import type { CheckOutcome } from '../../src/controlplane/probes/check.ts';
import type { BackendTarget } from '../../src/dataplane/upstream/registry.ts';
import { PLAIN_POLICY } from './off-settings.ts';

/** A GET that takes 2xx, and that no test waits for. */
const SETTINGS: HealthCheckSettings = {
  kind: 'http',
  method: 'GET',
  path: '/health',
  host: null,
  headers: [],
  intervalMs: 1_000,
  timeoutMs: 5_000,
  unhealthyThreshold: 3,
  healthyThreshold: 2,
  expectedStatuses: [{ from: 200, to: 299 }],
  expectedBody: null,
  initial: 'healthy',
};
/** For backends that never answer: the test waits as long. */
export const SHORT: Pick<HealthCheckSettings, 'timeoutMs'> = { timeoutMs: 200 };

/** What a check differs in from the plain one. */
export interface Checked {
  readonly settings?: Partial<HealthCheckSettings>;
  readonly policy?: Partial<BackendPolicy>;
  readonly target?: Partial<BackendTarget>;
}

/** Checks a backend on loopback once. */
export function checkOnce(
  port: number,
  { settings = {}, policy = {}, target = {} }: Checked = {},
): Promise<CheckOutcome> {
  const backend: BackendTarget = {
    index: 0,
    series: 0,
    place: 0,
    name: `http://127.0.0.1:${port}`,
    authority: `127.0.0.1:${port}`,
    basePath: '',
    addresses: [{ host: '127.0.0.1', port }],
    tlsName: null,
    policy: { ...PLAIN_POLICY, ...policy },
    ...target,
  };
  return backendCheck(backend, { ...SETTINGS, ...settings })();
}

/** A backend of raw bytes, what it received, and its connections. */
export interface Scripted {
  readonly port: number;
  readonly sockets: ReadonlySet<Socket>;
  readonly received: () => string;
}

/**
 * Starts a backend of raw bytes; it ends with the test.
 *
 * @param script what it does when a request's head has arrived
 */
export async function startScripted(
  context: TestContext,
  script: (socket: Socket) => void,
  path: string | null = null,
): Promise<Scripted> {
  const sockets = new Set<Socket>();
  let received = '';
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.latin1Slice();
      received += bytes.latin1Slice();
      if (text.endsWith('\r\n\r\n')) script(socket);
    });
  });
  const port = await listen(context, server, path);
  context.after(() => sockets.forEach((socket) => socket.destroy()));
  return { port, sockets, received: () => received };
}

/** Listens on a free loopback port, or on a socket; ends with the test. Returns the port, 0 for a socket. */
export async function listen(context: TestContext, server: Server, path: string | null = null): Promise<number> {
  await new Promise<void>((resolve) =>
    path === null ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
  context.after(() => void server.close());
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

/** A whole answer. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
