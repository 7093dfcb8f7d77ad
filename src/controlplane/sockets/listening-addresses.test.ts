import assert from 'node:assert/strict';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Server } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { createFolder } from '../../../tests/support/yaml-program.ts';
import { addressOfDescriptor } from './listening-addresses.ts';

async function listen(
  context: TestContext,
  options: ListenOptions,
): Promise<{ server: Server; fd: number; port: number }> {
  const server = createServer().listen(options);
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address();
  const { fd } = Reflect.get(server, '_handle') as { fd: number };
  return { server, fd, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

test('the kernel tells where a descriptor listens: IPv4, IPv6 and unix', async (context) => {
  for (const host of ['127.0.0.1', '0.0.0.0', '::', '::1']) {
    const { fd, port } = await listen(context, { host, port: 0 });
    assert.deepEqual(addressOfDescriptor(fd), { kind: 'tcp', host, port });
  }
  const path = join(createFolder(context), 'a socket');
  const { fd } = await listen(context, { path });
  assert.deepEqual(addressOfDescriptor(fd), { kind: 'unix', path });
});

test('a file, a connection and a descriptor that is not open listen nowhere', async (context) => {
  const { port } = await listen(context, { host: '127.0.0.1', port: 0 });
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  context.after(() => client.destroy());
  const { fd } = Reflect.get(client, '_handle') as { fd: number };
  assert.equal(addressOfDescriptor(fd), null);
  assert.equal(addressOfDescriptor(openSync('/dev/null', 'r')), null);
  assert.equal(addressOfDescriptor(4_000), null);
});
