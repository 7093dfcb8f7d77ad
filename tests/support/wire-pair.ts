import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

import { openWire } from '../../src/dataplane/wire/open.ts';
import type { Wire, WireOwner } from '../../src/dataplane/wire/wire.ts';

/** Two ends of one connection: a wire under test, and a plain socket. */
export interface WirePair {
  readonly wire: Wire;
  readonly peer: Socket;
}

/** Connects a wire of the selected kind with a plain socket; both end with the test. */
export async function openWirePair(context: TestContext, owner: WireOwner, path?: string): Promise<WirePair> {
  const accepted = Promise.withResolvers<Wire>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
    accepted.resolve(openWire(socket, owner));
  });
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(path, resolve);
  });
  const options = path === undefined ? { host: '127.0.0.1', port: (server.address() as AddressInfo).port } : { path };
  const peer = connect({ ...options, allowHalfOpen: true, noDelay: true });
  peer.on('error', () => undefined);
  const wire = await accepted.promise;
  server.close();
  context.after(() => {
    wire.destroy();
    peer.destroy();
  });
  return { wire, peer };
}
