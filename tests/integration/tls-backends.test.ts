import assert from 'node:assert/strict';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import test, { type TestContext } from 'node:test';
import { createServer as createTlsServer, type TlsOptions, TLSSocket } from 'node:tls';

import type { BackendTlsSettings } from '../../src/config/resilience-settings.ts';
import { PLAIN_POLICY } from '../support/off-settings.ts';
import { type Authority, type Certificate, createAuthority, MISSING_OPENSSL } from '../support/certificates.ts';
import { RawClient } from '../support/raw-client.ts';
import { type Rig, type RigBackend, startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const skip = MISSING_OPENSSL;

async function listening(context: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** What a backend saw of its connections. */
interface Seen {
  readonly port: number;
  readonly names: (string | false)[];
  readonly protocols: (string | false | null)[];
  readonly clients: string[];
  resumed: number;
  connections: number;
}

/** A backend that says what it was asked for, behind TLS. */
async function startSecured(context: TestContext, options: TlsOptions): Promise<Seen> {
  const seen = { port: 0, names: [], protocols: [], clients: [], resumed: 0, connections: 0 } as Seen & {
    port: number;
  };
  const server = createHttpsServer({ ...options, keepAliveTimeout: 60_000 }, (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      response.end(request.url === '/echo' ? body : `${request.headers.host} ${request.url}`);
    });
  });
  server.on('secureConnection', (socket) => {
    seen.connections++;
    seen.names.push(Reflect.get(socket, 'servername') as string | false);
    seen.protocols.push(socket.alpnProtocol);
    seen.clients.push(String(socket.getPeerCertificate()?.subject?.CN ?? ''));
    if (socket.isSessionReused()) seen.resumed++;
  });
  server.on('tlsClientError', () => undefined);
  context.after(() => server.closeAllConnections());
  seen.port = await listening(context, server);
  return seen;
}

function secured(port: number, tlsName: string, tls: Partial<BackendTlsSettings>): RigBackend {
  return {
    name: `https://${tlsName}:${port}`,
    authority: `${tlsName}:${port}`,
    addresses: [{ host: '127.0.0.1', port }],
    tlsName,
    policy: { ...PLAIN_POLICY, tls: { ...PLAIN_POLICY.tls, ...tls } },
  };
}

function served({ certificate, key }: Certificate): TlsOptions {
  return { cert: certificate, key };
}

async function ask(rig: Rig, path = '/', init: RequestInit = {}): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${rig.port}${path}`, { ...init, headers: { connection: 'close' } });
  return { status: response.status, text: await response.text() };
}

test('asks for its name, speaks HTTP/1.1 and keeps the connection', { skip }, async (t) => {
  const authority = createAuthority(t);
  const issued = authority.issue(['DNS:app.test']);
  const backend = await startSecured(t, { ...served(issued), ALPNProtocols: ['h2', 'http/1.1'] });
  const rig = await startRig(t, { backends: [secured(backend.port, 'app.test', { ca: authority.own.certificate })] });
  for (let i = 0; i < 5; i++) assert.equal((await ask(rig, `/${i}`)).text, `127.0.0.1:${rig.port} /${i}`);
  assert.deepEqual(backend.names, ['app.test']);
  assert.deepEqual(backend.protocols, ['http/1.1']);
  await rig.settle();
});

test('a body of many records goes and comes back as it was', { skip }, async (t) => {
  const authority = createAuthority(t);
  const backend = await startSecured(t, served(authority.issue(['DNS:app.test'])));
  const rig = await startRig(t, { backends: [secured(backend.port, 'app.test', { ca: authority.own.certificate })] });
  const body = Buffer.alloc(3_000_000, 'rwwwrse-');
  const answer = await ask(rig, '/echo', { method: 'POST', body });
  assert.equal(answer.text.length, body.length);
  assert.ok(Buffer.from(answer.text).equals(body));
  await rig.settle();
});

test('new connections resume the session of the last one', { skip }, async (t) => {
  const authority = createAuthority(t);
  const backend = await startSecured(t, served(authority.issue(['DNS:app.test'])));
  const target = secured(backend.port, 'app.test', { ca: authority.own.certificate });
  const rig = await startRig(t, { backends: [target], pool: { maxIdle: 0 } });
  for (let i = 0; i < 4; i++) assert.equal((await ask(rig)).status, 200);
  assert.deepEqual([backend.connections, backend.resumed], [4, 3]);
  await rig.settle();
});

/** Backends whose certificate is not to be trusted, and what the log must say about each. */
const UNTRUSTED: Readonly<
  Record<string, { issue: (authority: Authority, context: TestContext) => Certificate; cause: RegExp }>
> = {
  'a certificate for another name': {
    issue: (authority) => authority.issue(['DNS:other.test']),
    cause: /ERR_TLS_CERT_ALTNAME_INVALID.*app\.test/,
  },
  'a certificate that is over': {
    issue: (authority) => authority.issue(['DNS:app.test'], -1),
    cause: /CERT_HAS_EXPIRED/,
  },
  'a certificate of an unknown authority': {
    issue: (_authority, context) => createAuthority(context).issue(['DNS:app.test']),
    cause: /UNABLE_TO_(GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)/,
  },
  'a certificate of its own making': {
    issue: (_authority, context) => createAuthority(context).own,
    cause: /SELF_SIGNED/,
  },
};

for (const [what, { issue, cause }] of Object.entries(UNTRUSTED)) {
  test(`${what} is 502, and taken where verification is off`, { skip }, async (t) => {
    const authority = createAuthority(t);
    const backend = await startSecured(t, served(issue(authority, t)));
    const settings = { ca: authority.own.certificate };
    const rig = await startRig(t, { backends: [secured(backend.port, 'app.test', settings)] });
    assert.equal((await ask(rig)).status, 502);
    assert.deepEqual(rig.failures, ['backend_certificate_invalid']);
    await until('the log tells why', () => rig.warnings.length === 1);
    assert.match(String(rig.warnings[0]?.values.error), cause);
    assert.doesNotMatch(String(rig.warnings[0]?.values.error), /node_modules|\.ts:|\.js:|--use-system-ca/);
    const careless = await startRig(t, {
      backends: [secured(backend.port, 'app.test', { ...settings, verify: false })],
    });
    assert.equal((await ask(careless)).status, 200);
    await rig.settle();
  });
}

test(
  'an authority of its own takes the place of the system’s: a public certificate would not do',
  { skip },
  async (t) => {
    const backend = await startSecured(t, served(createAuthority(t).issue(['DNS:app.test'])));
    const rig = await startRig(t, { backends: [secured(backend.port, 'app.test', {})] });
    assert.equal((await ask(rig)).status, 502);
    assert.deepEqual(rig.failures, ['backend_certificate_invalid']);
  },
);

test('an address as target is verified as an address, and is not asked for by SNI', { skip }, async (t) => {
  const authority = createAuthority(t);
  const right = await startSecured(t, served(authority.issue(['IP:127.0.0.1'])));
  const wrong = await startSecured(t, served(authority.issue(['DNS:127.0.0.1', 'IP:127.0.0.9'])));
  const settings = { ca: authority.own.certificate };
  const rig = await startRig(t, { backends: [secured(right.port, '127.0.0.1', settings)] });
  assert.equal((await ask(rig)).status, 200);
  assert.deepEqual(right.names, [false]);
  const other = await startRig(t, { backends: [secured(wrong.port, '127.0.0.1', settings)] });
  assert.equal((await ask(other)).status, 502);
});

test('a client certificate is shown; without it the backend’s refusal is told', { skip }, async (t) => {
  const authority = createAuthority(t);
  const ca = authority.own.certificate;
  const client = authority.issue(['DNS:client.test']);
  const backend = await startSecured(t, {
    ...served(authority.issue(['DNS:app.test'])),
    ca,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const { certificate, key } = client;
  const rig = await startRig(t, { backends: [secured(backend.port, 'app.test', { ca, certificate, key })] });
  assert.equal((await ask(rig)).status, 200);
  assert.deepEqual(backend.clients, ['issued']);
  const without = await startRig(t, { backends: [secured(backend.port, 'app.test', { ca })] });
  assert.equal((await ask(without)).status, 502);
  await until('the log tells why', () => without.warnings.length > 0);
  assert.match(String(without.warnings[0]?.values.error), /certificate required/i);
  await without.settle();
});

test('a backend that speaks no TLS is 502', { skip }, async (t) => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const port = await listening(t, server);
  const rig = await startRig(t, { backends: [secured(port, 'app.test', {})] });
  assert.equal((await ask(rig)).status, 502);
  assert.deepEqual(rig.failures, ['backend_tls_failed']);
  await rig.settle();
});

test('a backend that speaks HTTP/2 only is 502', { skip }, async (t) => {
  const authority = createAuthority(t);
  const issued = authority.issue(['DNS:app.test']);
  const server = createTlsServer({ ...served(issued), ALPNProtocols: ['h2'] }, (socket) => socket.destroy());
  server.on('tlsClientError', () => undefined);
  const port = await listening(t, server);
  const rig = await startRig(t, { backends: [secured(port, 'app.test', { ca: authority.own.certificate })] });
  assert.equal((await ask(rig)).status, 502);
  assert.deepEqual(rig.failures, ['backend_tls_failed']);
});

test('a handshake that never ends counts into the connect timeout', { skip }, async (t) => {
  const open: { destroy(): void; closed: boolean }[] = [];
  const port = await listening(
    t,
    createTcpServer((socket) => open.push(socket.on('error', () => undefined).resume())),
  );
  const rig = await startRig(t, { backends: [secured(port, 'app.test', {})], pool: { connectTimeoutMs: 200 } });
  assert.equal((await ask(rig)).status, 504);
  assert.deepEqual(rig.failures, ['backend_connect_timeout']);
  await until('the connection was given up', () => open.every(({ closed }) => closed));
  await rig.settle();
});

test('a client that leaves during the handshake ends it', { skip }, async (t) => {
  const open: { closed: boolean }[] = [];
  const port = await listening(
    t,
    createTcpServer((socket) => open.push(socket.on('error', () => undefined).resume())),
  );
  const rig = await startRig(t, { backends: [secured(port, 'app.test', {})] });
  const client = new RawClient(rig.port);
  client.get('/');
  await until('the handshake has begun', () => open.length === 1);
  client.reset();
  await until('the connection was given up', () => open[0]?.closed === true);
  await rig.settle();
});

test(
  'a backend that dies in the middle of an answer cuts it, and is asked anew by the next request',
  { skip },
  async (t) => {
    const authority = createAuthority(t);
    const { certificate, key } = authority.issue(['DNS:app.test']);
    let count = 0;
    const server = createTlsServer({ cert: certificate, key }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        if (count++ > 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', () => socket.destroy());
      });
    });
    const port = await listening(t, server);
    const rig = await startRig(t, { backends: [secured(port, 'app.test', { ca: authority.own.certificate })] });
    await assert.rejects(ask(rig));
    assert.deepEqual(rig.failures, ['backend_body_incomplete']);
    assert.equal((await ask(rig)).text, 'ok');
  },
);

/** A backend behind TLS that ends its connection after `answer`: with TLS's closing alert, or by TCP alone. */
async function startEnding(context: TestContext, authority: Authority, answer: string, alert: boolean): Promise<Rig> {
  const { certificate, key } = authority.issue(['DNS:app.test']);
  const server = createTcpServer((plain) => {
    const socket = new TLSSocket(plain, { isServer: true, cert: certificate, key });
    for (const each of [plain, socket]) each.on('error', () => undefined);
    socket.once('data', () => {
      if (alert) socket.end(answer);
      else socket.write(answer, () => plain.destroy());
    });
  });
  const port = await listening(context, server);
  return startRig(context, { backends: [secured(port, 'app.test', { ca: authority.own.certificate })] });
}

test(
  'an answer that only the end of the connection ends is complete with TLS’s closing alert alone (RFC 9112 9.8)',
  { skip },
  async (t) => {
    const authority = createAuthority(t);
    const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\n';
    for (const length of [2, 20_000, 300_000]) {
      const body = 'a'.repeat(length);
      const whole = await startEnding(t, authority, `${head}\r\n${body}`, true);
      assert.equal((await ask(whole)).text, body);
      const cut = await startEnding(t, authority, `${head}\r\n${body}`, false);
      await assert.rejects(ask(cut));
      assert.deepEqual(cut.failures, ['backend_body_incomplete']);
      const counted = await startEnding(t, authority, `${head}Content-Length: ${length}\r\n\r\n${body}`, false);
      assert.equal((await ask(counted)).text, body);
      assert.deepEqual([whole.failures, counted.failures], [[], []]);
    }
  },
);

test('the last bytes of a tunnel reach the client, with and without TLS’s closing alert', { skip }, async (t) => {
  const authority = createAuthority(t);
  const head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n';
  for (const alert of [true, false]) {
    const rig = await startEnding(t, authority, `${head}${'b'.repeat(1_000_000)}last`, alert);
    const client = new RawClient(rig.port);
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
    await until('all of it', () => client.text.endsWith('last'));
    await until('the end', () => client.ended);
    client.fin();
    await rig.settle();
  }
});

test('a WebSocket goes through TLS both ways, and ends with the backend', { skip }, async (t) => {
  const authority = createAuthority(t);
  const { certificate, key } = authority.issue(['DNS:app.test']);
  const server = createTlsServer({ cert: certificate, key }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.on('data', (bytes: Buffer) => {
        if (bytes.includes('bye')) socket.end();
        else socket.write(bytes);
      });
    });
  });
  const port = await listening(t, server);
  const rig = await startRig(t, { backends: [secured(port, 'app.test', { ca: authority.own.certificate })] });
  const client = new RawClient(rig.port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
  await until('the switch', () => client.statuses[0] === 101);
  const sent = 'x'.repeat(300_000);
  client.send(sent);
  await until('all of it came back', () => client.text.endsWith(sent));
  client.send('bye');
  await until('the end', () => client.ended || client.closed);
  client.fin();
  await rig.settle();
});

test('a client that does not read pauses a backend behind TLS', { skip }, async (t) => {
  const authority = createAuthority(t);
  const { certificate, key } = authority.issue(['DNS:app.test']);
  const chunk = Buffer.alloc(65_536, 'a');
  const total = 400 * chunk.length;
  let sent = 0;
  const server = createTlsServer({ cert: certificate, key }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
      const more = (): void => {
        for (let goesOn = true; goesOn && sent < total; sent += chunk.length) goesOn = socket.write(chunk);
      };
      socket.on('drain', more);
      more();
    });
  });
  const port = await listening(t, server);
  const rig = await startRig(t, { backends: [secured(port, 'app.test', { ca: authority.own.certificate })] });
  const client = new RawClient(rig.port, 0);
  client.get('/');
  await until('it flows', () => client.received > 100_000);
  client.pause();
  let before = -1;
  await until('it stands still', () => {
    const isStill = sent === before;
    before = sent;
    return isStill;
  });
  assert.ok(sent < total, `${sent} of ${total} bytes went into nothing`);
  assert.ok(rig.gauges.bufferedBytes < 2_000_000, `${rig.gauges.bufferedBytes} bytes are held`);
  client.resume();
  await until('all of it came', () => client.received >= total);
  client.fin();
  await rig.settle();
});
