import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Two small servers that a program without configuration proxies to, so that there is something to see. */
export interface DemoBackends {
  readonly urls: readonly string[];
  close(): void;
}

/** Starts the demo backends on free loopback ports. */
export async function startDemoBackends(): Promise<DemoBackends> {
  const servers = await Promise.all(['one', 'two'].map((name) => startDemo(name)));
  return {
    urls: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function startDemo(name: string): Promise<Server> {
  const server = createServer((request, response) => {
    const body = `Hello from demo backend ${name}: ${request.method} ${request.url}\n`;
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) });
    response.end(body);
    request.resume();
  });
  server.keepAliveTimeout = 120_000;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
