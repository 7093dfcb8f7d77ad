import assert from 'node:assert/strict';
import { connect as connectH2 } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';

import { PLAIN_POLICY } from '../support/off-settings.ts';
import { startRawBackend } from '../support/raw-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
const LINE = 'PROXY TCP4 198.51.100.7 192.0.2.2 54321 80\r\n';
const BINARY = `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x07\xc0\0\x02\x02\xd4\x31\0\x50`;
const LOCAL = `\r\n\r\n\0\r\nQUIT\n\x20\0\0\0`;
const LISTENER: Partial<RigOptions> = { proxyProtocol: true, trustedProxies: ['127.0.0.0/8'] };

/** Starts a rig whose backend answers with the X-Forwarded-For that it got. */
async function startTold(context: TestContext, options: Partial<RigOptions> = LISTENER): Promise<Rig> {
  const backend = await startRawBackend(context, (peer) => {
    const fields = [...peer.text.matchAll(/x-forwarded-for: ([^\r]*)/gi)];
    peer.answer(fields.at(-1)?.[1] ?? 'none');
  });
  return startRig(context, { backends: [backend.port], ...options });
}

async function answered(client: RawClient, count = 1): Promise<string> {
  await until('an answer', () => client.statuses.length >= count && !client.text.endsWith('\r\n'));
  return client.text.slice(client.text.lastIndexOf('\r\n\r\n') + 4);
}

/** Sends bytes that are read before anything else is sent: the proxy runs in this thread. */
async function sendAlone({ socket }: RawClient, text: string): Promise<void> {
  await new Promise<unknown>((resolve) => socket.write(text, 'latin1', resolve));
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

for (const [name, header, client] of [
  ['version 1', LINE, '198.51.100.7'],
  ['version 2', BINARY, '198.51.100.7'],
  ['UNKNOWN', 'PROXY UNKNOWN\r\n', '127.0.0.1'],
  ['LOCAL', LOCAL, '127.0.0.1'],
] as const) {
  test(`${name}: the client that it names is the client of every request of the connection`, async (t) => {
    const rig = await startTold(t);
    const one = new RawClient(rig.port);
    one.send(header + GET);
    assert.equal(await answered(one), client);
    one.send(GET);
    await until('the second answer', () => one.statuses.length === 2);
    assert.equal(await answered(one, 2), client);
    const bytewise = new RawClient(rig.port);
    for (const byte of header + GET) await sendAlone(bytewise, byte);
    assert.equal(await answered(bytewise), client);
    assert.ok(
      rig.accessLines.every((line) => line.startsWith(`${client} `)),
      rig.accessLines.join('\n'),
    );
    one.fin();
    bytewise.fin();
    await rig.settle();
  });
}

test('what the client that a header names says of others is not believed, what a trusted one says is', async (t) => {
  const rig = await startTold(t);
  const request = 'GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n';
  const one = new RawClient(rig.port);
  one.send(LINE + request);
  assert.equal(await answered(one), '198.51.100.7');
  const trusted = new RawClient(rig.port);
  trusted.send(`PROXY TCP4 127.0.0.9 192.0.2.2 54321 80\r\n${request}`);
  assert.equal(await answered(trusted), '203.0.113.9, 127.0.0.9');
});

test('pipelined requests behind a header are all answered', async (t) => {
  const rig = await startTold(t);
  const client = new RawClient(rig.port);
  client.send(LINE + GET + GET + GET);
  await until('three answers', () => client.statuses.length === 3);
  assert.deepEqual(client.statuses, [200, 200, 200]);
});

for (const [name, bytes] of [
  ['a request without a header', GET],
  ['a malformed header', `PROXY TCP4 1.2.3.4\r\n${GET}`],
  ['a header in lower case', `proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n${GET}`],
  ['a header behind a request line', `GET / HTTP/1.1\r\n${LINE}`],
] as const) {
  test(`${name} from a trusted peer is 400, and the connection ends`, async (t) => {
    const rig = await startTold(t);
    const client = new RawClient(rig.port);
    client.send(bytes);
    await until('the end', () => client.ended || client.closed);
    assert.deepEqual(client.statuses, [400]);
    assert.match(client.text, /proxy_header_invalid/);
    assert.deepEqual(rig.failures, ['proxy_header_invalid']);
    client.fin();
    await rig.settle();
  });
}

test('a second header is no header, but a malformed request', async (t) => {
  const rig = await startTold(t);
  const client = new RawClient(rig.port);
  client.send(LINE + LINE + GET);
  await until('the end', () => client.ended || client.closed);
  assert.deepEqual(client.statuses, [400]);
  assert.notDeepEqual(rig.failures, ['proxy_header_invalid']);
});

test('an untrusted peer is served as what it is, and its header is no request', async (t) => {
  const rig = await startTold(t, { proxyProtocol: true, trustedProxies: ['10.0.0.0/8'] });
  const plain = new RawClient(rig.port);
  plain.send(GET);
  assert.equal(await answered(plain), '127.0.0.1');
  const liar = new RawClient(rig.port);
  liar.send(LINE + GET);
  await until('the end', () => liar.ended || liar.closed);
  assert.deepEqual(liar.statuses, [400]);
  assert.equal(
    rig.accessLines.some((line) => line.includes('198.51.100.7')),
    false,
  );
});

test('where it is off, a header is no request', async (t) => {
  const rig = await startTold(t, { trustedProxies: ['127.0.0.0/8'] });
  const client = new RawClient(rig.port);
  client.send(LINE + GET);
  await until('the end', () => client.ended || client.closed);
  assert.deepEqual(client.statuses, [400]);
});

test('a header that does not come in time ends the connection', async (t) => {
  const rig = await startTold(t, { ...LISTENER, timeouts: { headerReadMs: 150 } });
  const silent = new RawClient(rig.port);
  const slow = new RawClient(rig.port);
  slow.send('PROXY TCP4 198');
  await until('both are closed', () => (silent.ended || silent.closed) && (slow.ended || slow.closed));
  assert.equal(silent.text + slow.text, '');
  silent.fin();
  slow.fin();
  await rig.settle();
});

test('peers that leave before or in the middle of a header leave nothing behind', async (t) => {
  const rig = await startTold(t);
  for (let i = 0; i < 20; i++) {
    const client = new RawClient(rig.port);
    await until('it is open', () => rig.gauges.connections === 1);
    if (i % 2 === 0) client.send('PROXY TC');
    if (i % 4 < 2) client.reset();
    else client.fin();
    await until('it is gone', () => rig.gauges.connections === 0);
  }
  await rig.settle();
});

test('connections that wait for their header are closed when the listener drains', async (t) => {
  const rig = await startTold(t);
  const client = new RawClient(rig.port);
  await until('it is open', () => rig.gauges.connections === 1);
  rig.drain();
  await until('it is closed', () => client.ended || client.closed);
  client.fin();
  await until('nothing is left', () => rig.gauges.connections === 0);
});

test('the limit of connections per client counts the client that the header names', async (t) => {
  const rig = await startTold(t, { ...LISTENER, limits: { connectionsPerClient: 2 } });
  const open = async (address: string): Promise<number | undefined> => {
    const client = new RawClient(rig.port);
    client.send(`PROXY TCP4 ${address} 192.0.2.2 1 80\r\n${GET}`);
    await until('an answer', () => client.statuses.length === 1);
    return client.statuses[0];
  };
  assert.deepEqual(
    [await open('198.51.100.1'), await open('198.51.100.1'), await open('198.51.100.1'), await open('198.51.100.2')],
    [200, 200, 429, 200],
  );
});

/** A relay that puts a header before what it passes on: in one write with the first bytes, or in one of its own. */
async function startRelay(context: TestContext, port: number, header: string, together: boolean): Promise<number> {
  const open: Socket[] = [];
  const relay = createServer((from) => {
    const to = connect({ port, host: '127.0.0.1', noDelay: true });
    open.push(from, to);
    for (const socket of [from, to]) socket.on('error', () => undefined);
    if (!together) to.write(header, 'latin1');
    from.once('data', (first: Buffer) => {
      to.write(together ? Buffer.concat([Buffer.from(header, 'latin1'), first]) : first);
      from.pipe(to);
    });
    to.pipe(from);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    relay.close();
    for (const socket of open) socket.destroy();
  });
  return (relay.address() as AddressInfo).port;
}

for (const together of [true, false]) {
  test(`HTTP/2 behind a header, ${together ? 'in one piece' : 'in two'}`, async (t) => {
    const rig = await startTold(t, { ...LISTENER, protocol: 'h2c' });
    const session = connectH2(`http://127.0.0.1:${await startRelay(t, rig.port, BINARY, together)}`);
    session.on('error', () => undefined);
    t.after(() => session.destroy());
    for (let i = 0; i < 3; i++) {
      const stream = session.request({ ':path': '/' });
      let text = '';
      stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      await until('the answer', () => text === '198.51.100.7');
    }
  });
}

test('HTTP/2 behind a header that comes byte by byte', async (t) => {
  const rig = await startTold(t, { ...LISTENER, protocol: 'h2c' });
  const client = new RawClient(rig.port);
  for (const byte of LINE) await sendAlone(client, byte);
  await sendAlone(client, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
  // The server's own settings come first, and its acknowledgement of the client's.
  await until('the acknowledgement', () => client.text.includes('\0\0\0\x04\x01\0\0\0\0'));
});

test('HTTP/2 without a header is refused', async (t) => {
  const rig = await startTold(t, { ...LISTENER, protocol: 'h2c' });
  const client = new RawClient(rig.port);
  client.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  await until('the end', () => client.ended || client.closed);
  assert.deepEqual(client.statuses, [400]);
  assert.deepEqual(rig.failures, ['proxy_header_invalid']);
});

for (const version of [1, 2] as const) {
  test(`a backend is told of the client at the beginning of every connection: version ${version}`, async (t) => {
    const backend = await startRawBackend(t, (peer) => peer.answer('ok'));
    const policy = { ...PLAIN_POLICY, proxyProtocol: version };
    const target = { addresses: [{ host: '127.0.0.1', port: backend.port }], policy };
    const rig = await startRig(t, { backends: [target] });
    const client = new RawClient(rig.port);
    client.get('/1');
    await answered(client);
    client.get('/2');
    await until('the second answer', () => client.statuses.length === 2);
    const port = client.socket.localPort as number;
    const [peer] = backend.peers;
    const header =
      version === 1
        ? `PROXY TCP4 127.0.0.1 127.0.0.1 ${port} ${rig.port}\r\n`
        : `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01${latin1(port)}${latin1(rig.port)}`;
    assert.equal(peer?.text.slice(0, header.length + 6), `${header}GET /1`);
    // The client's second request goes on the connection that is its own.
    assert.deepEqual([backend.peers.length, peer?.heads], [1, 2]);
    await rig.untilIdle();
    client.fin();
    await rig.settle();
  });
}

test('no connection to such a backend is ever used for another client', async (t) => {
  const backend = await startRawBackend(t, (peer) => peer.answer('ok'));
  const policy = { ...PLAIN_POLICY, proxyProtocol: 1 as const };
  const target = { addresses: [{ host: '127.0.0.1', port: backend.port }], policy };
  const rig = await startRig(t, { backends: [target], pool: { maxConnections: 2 }, ...LISTENER });
  const clients = Array.from({ length: 6 }, (_, i) => {
    const client = new RawClient(rig.port);
    client.send(`PROXY TCP4 198.51.100.${i} 192.0.2.2 1000 80\r\n`);
    return client;
  });
  for (let round = 1; round <= 3; round++) {
    clients.forEach((client, i) => client.get(`/client-${i}`));
    await until('all are answered', () => clients.every(({ statuses }) => statuses.length === round));
  }
  assert.ok(clients.every(({ statuses }) => statuses.every((status) => status === 200)));
  for (const { text } of backend.peers) {
    const named = /^PROXY TCP4 198\.51\.100\.(\d) /.exec(text)?.[1];
    const asked = [...text.matchAll(/GET \/client-(\d)/g)].map(([, client]) => client);
    assert.ok(asked.length > 0 && asked.every((client) => client === named), text);
    assert.equal([...text.matchAll(/PROXY/g)].length, 1);
  }
  assert.ok(backend.peers.filter(({ ended, closed }) => !ended && !closed).length <= 2);
  for (const client of clients) client.fin();
  await rig.settle();
});

test('the client that a trusted proxy names is told without that proxy’s port', async (t) => {
  const backend = await startRawBackend(t, (peer) => peer.answer('ok'));
  const policy = { ...PLAIN_POLICY, proxyProtocol: 1 as const };
  const target = { addresses: [{ host: '127.0.0.1', port: backend.port }], policy };
  const rig = await startRig(t, { backends: [target], trustedProxies: ['127.0.0.0/8'] });
  const client = new RawClient(rig.port);
  client.send('GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 2001:db8::7\r\n\r\n');
  await answered(client);
  assert.match(
    backend.peers[0]?.text ?? '',
    new RegExp(`^PROXY TCP6 2001:db8::7 ::ffff:127\\.0\\.0\\.1 0 ${rig.port}\\r\\n`),
  );
});

test('no connection is used for a client that connected to another address or port than its header says', async (t) => {
  const backend = await startRawBackend(t, (peer) => peer.answer(peer.text.split('\r\n')[0] ?? ''));
  const policy = { ...PLAIN_POLICY, proxyProtocol: 1 as const };
  const target = { addresses: [{ host: '127.0.0.1', port: backend.port }], policy };
  const rig = await startRig(t, { backends: [target], ...LISTENER });
  for (const [address, port] of [
    ['192.0.2.2', 80],
    ['192.0.2.2', 443],
    ['192.0.2.3', 443],
  ] as const) {
    const client = new RawClient(rig.port);
    client.send(`PROXY TCP4 127.0.0.9 ${address} 54321 ${port}\r\n`);
    client.send('GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n');
    assert.equal(await answered(client), `PROXY TCP4 198.51.100.7 ${address} 0 ${port}`);
    client.fin();
    await rig.untilIdle();
  }
});

function latin1(port: number): string {
  return String.fromCharCode(port >> 8, port & 255);
}
