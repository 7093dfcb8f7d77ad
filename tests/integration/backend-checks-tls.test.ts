import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import test from 'node:test';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';

import type { BackendPolicy, HealthCheckSettings } from '../../src/config/resilience-settings.ts';
import { checkOnce, listen, OK, SHORT, startScripted } from '../support/backend-checks.ts';
import { type Certificate, createAuthority, MISSING_OPENSSL } from '../support/certificates.ts';
import { PLAIN_POLICY } from '../support/off-settings.ts';
import { until } from '../support/until.ts';

test(
  'backends with TLS are checked through TLS, with the authority, the name and the certificate of their settings',
  {
    skip: MISSING_OPENSSL,
  },
  async (context) => {
    const authority = createAuthority(context);
    const own = authority.issue(['DNS:backend.example', 'IP:127.0.0.1']);
    const client = authority.issue(['DNS:proxy.example']);
    const ca = authority.own.certificate;
    const seen: unknown[] = [];
    const server = createTlsServer(
      {
        cert: own.certificate,
        key: own.key,
        ca,
        requestCert: true,
        rejectUnauthorized: false,
        ALPNProtocols: ['http/1.1'],
      },
      (socket) => {
        socket.on('error', () => undefined);
        seen.push([socket.servername, socket.alpnProtocol]);
        socket.once('data', () => socket.end(socket.authorized ? OK : 'HTTP/1.1 401 no\r\nContent-Length: 0\r\n\r\n'));
      },
    );
    server.on('tlsClientError', () => undefined);
    const port = await listen(context, server);
    const check = (tls: Partial<BackendPolicy['tls']>, tlsName: string, settings: Partial<HealthCheckSettings> = {}) =>
      checkOnce(port, { settings, policy: { tls: { ...PLAIN_POLICY.tls, ...tls } }, target: { tlsName } });
    const any = { expectedStatuses: [{ from: 200, to: 499 }] };
    const unknown = await check({}, '127.0.0.1', any);
    assert.deepEqual([unknown.failure, unknown.detail], ['tls_failed', 'SELF_SIGNED_CERT_IN_CHAIN']);
    assert.equal((await check({ verify: false }, '127.0.0.1', any)).failure, null);
    assert.equal((await check({ ca }, '127.0.0.1', any)).failure, null);
    assert.deepEqual(seen.at(-1), [false, 'http/1.1']);
    assert.equal((await check({ ca }, 'backend.example', any)).failure, null);
    assert.deepEqual(seen.at(-1), ['backend.example', 'http/1.1']);
    const other = await check({ ca }, 'other.example', any);
    assert.deepEqual([other.failure, other.detail], ['tls_failed', 'ERR_TLS_CERT_ALTNAME_INVALID']);
    assert.equal((await check({ ca }, 'backend.example')).failure, 'status_unexpected');
    const known = await check({ ca, certificate: client.certificate, key: client.key }, 'backend.example');
    assert.deepEqual([known.failure, known.status], [null, 200]);
  },
);

test(
  'a client certificate that a backend misses is a matter of TLS, though it is told after the handshake',
  {
    skip: MISSING_OPENSSL,
  },
  async (context) => {
    const authority = createAuthority(context);
    const own = authority.issue(['DNS:backend.example']);
    const ca = authority.own.certificate;
    const server = createTlsServer({
      cert: own.certificate,
      key: own.key,
      ca,
      requestCert: true,
      rejectUnauthorized: true,
    });
    server.on('tlsClientError', () => undefined);
    const port = await listen(context, server);
    const policy = { tls: { ...PLAIN_POLICY.tls, ca } };
    const outcome = await checkOnce(port, { policy, target: { tlsName: 'backend.example' } });
    assert.deepEqual([outcome.failure, outcome.detail], ['tls_failed', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED']);
  },
);

test('a TLS handshake that never ends takes no longer than any other check', async (context) => {
  const backend = await startScripted(context, () => undefined);
  const target = { tlsName: 'backend.example' };
  const outcome = await checkOnce(backend.port, { settings: SHORT, target });
  assert.equal(outcome.failure, 'answer_timeout');
  await until('the connection is closed', () => backend.sockets.size === 0);
});

test(
  'an answer that only the end of the connection ends needs the closing alert of TLS, as the answers to requests do',
  {
    skip: MISSING_OPENSSL,
  },
  async (context) => {
    const authority = createAuthority(context);
    const { certificate, key } = authority.issue(['DNS:backend.example']);
    const policy = { tls: { ...PLAIN_POLICY.tls, ca: authority.own.certificate } };
    const check = async (alert: boolean, fields: string): Promise<string | null> => {
      const server = createServer((plain) => {
        const secured = new TLSSocket(plain, { isServer: true, cert: certificate, key });
        for (const socket of [plain, secured]) socket.on('error', () => undefined);
        const answer = `HTTP/1.1 200 OK\r\n${fields}\r\nok`;
        secured.once('data', () => (alert ? secured.end(answer) : secured.write(answer, () => plain.destroy())));
      });
      const port = await listen(context, server);
      return (await checkOnce(port, { policy, target: { tlsName: 'backend.example' } })).failure;
    };
    assert.equal(await check(true, ''), null);
    assert.equal(await check(false, ''), 'answer_incomplete');
    assert.equal(await check(false, 'Content-Length: 2\r\n'), null);
  },
);

test(
  'a backend is reached when one of its addresses can be spoken to securely, as requests find it',
  {
    skip: MISSING_OPENSSL,
  },
  async (context) => {
    const [authority, other] = [createAuthority(context), createAuthority(context)];
    const start = async ({ certificate, key }: Certificate): Promise<number> => {
      const server = createTlsServer({ cert: certificate, key }, (socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(OK));
      });
      server.on('tlsClientError', () => undefined);
      return listen(context, server);
    };
    const right = await start(authority.issue(['DNS:backend.example']));
    const foreign = await start(other.issue(['DNS:backend.example']));
    const silent = await startScripted(context, () => undefined);
    const policy = { tls: { ...PLAIN_POLICY.tls, ca: authority.own.certificate } };
    const check = async (...ports: readonly number[]): Promise<string | null> => {
      const addresses = ports.map((port) => ({ host: '127.0.0.1', port }));
      const settings = { timeoutMs: 1_500 };
      return (await checkOnce(right, { settings, policy, target: { tlsName: 'backend.example', addresses } })).failure;
    };
    assert.equal(await check(foreign, right), null);
    assert.equal(await check(silent.port, foreign, right), null);
    assert.equal(await check(foreign, foreign), 'tls_failed');
    assert.equal(await check(foreign, silent.port), 'answer_timeout');
    await until('nothing is left open', () => silent.sockets.size === 0);
  },
);
