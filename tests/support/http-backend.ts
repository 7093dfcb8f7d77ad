import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A well-behaved backend on `node:http`, with its numbers. */
export interface HttpBackend {
  readonly port: number;
  readonly url: string;
  /** Requests whose head arrived. */
  readonly requests: number;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Connections open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** Requests whose client went away before the answer was complete. */
  readonly cancelled: number;
  /** Stops to listen and closes every connection. */
  close(): Promise<void>;
}

/** Starts a backend on a free loopback port, or on `wantedPort`; it ends with the test. */
export async function startHttpBackend(
  context: TestContext,
  answer: RequestListener,
  wantedPort = 0,
): Promise<HttpBackend> {
  const sockets = new Set<Socket>();
  const counts = { requests: 0, accepted: 0, cancelled: 0 };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    counts.requests++;
    response.once('close', () => {
      if (!response.writableFinished) counts.cancelled++;
    });
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    answer(request, response);
  };
  const server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, onRequest);
  server.on('connection', (socket) => {
    counts.accepted++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(wantedPort, '127.0.0.1', resolve));
  context.after(() => closeServer(server));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    sockets,
    get requests() {
      return counts.requests;
    },
    get accepted() {
      return counts.accepted;
    },
    get cancelled() {
      return counts.cancelled;
    },
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
