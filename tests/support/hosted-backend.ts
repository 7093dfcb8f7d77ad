import { type AddressInfo, createServer } from 'node:net';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A backend on a loopback address of its own, which answers every request with that address. */
export class HostedBackend {
  readonly host: string;
  readonly port: number;
  requests = 0;
  /** Value of the last Host field. */
  lastHost = '';

  constructor(host: string, port: number) {
    this.host = host;
    this.port = port;
  }
}

/** Starts backends on the same port of several loopback addresses, as one service has them; they end with the test. */
export async function startHostedBackends(
  context: TestContext,
  hosts: readonly string[],
): Promise<readonly HostedBackend[]> {
  const backends: HostedBackend[] = [];
  for (const host of hosts) backends.push(await start(context, host, backends[0]?.port ?? 0));
  return backends;
}

async function start(context: TestContext, host: string, wantedPort: number): Promise<HostedBackend> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      text += bytes.latin1Slice();
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        backend.requests++;
        backend.lastHost = /\r\nhost: *([^\r]*)/i.exec(text.slice(0, end))?.[1] ?? '';
        text = text.slice(end + 4);
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${host.length}\r\n\r\n${host}`);
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wantedPort, host, resolve);
  });
  const backend = new HostedBackend(host, (server.address() as AddressInfo).port);
  context.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return backend;
}
