import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A backend that answers at once, except requests to `/held…`, which wait until they are released. */
export interface HeldBackend {
  readonly url: string;
  /** Requests that arrived. */
  readonly requests: number;
  /** Requests that wait now. */
  readonly waiting: number;
  /** Answers everything that waits. */
  release(): void;
}

/** Starts a {@link HeldBackend} on a free port; it ends with the test. */
export async function startHeldBackend(context: TestContext): Promise<HeldBackend> {
  const held = new Set<ServerResponse>();
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    request.resume();
    if (!(request.url ?? '').startsWith('/held')) {
      response.end('ok\n');
      return;
    }
    held.add(response);
    response.once('close', () => held.delete(response));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    get waiting() {
      return held.size;
    },
    release() {
      for (const response of held) response.end('held\n');
    },
  };
}
