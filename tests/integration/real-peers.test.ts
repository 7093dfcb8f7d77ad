import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';

import { createAuthority, MISSING_OPENSSL } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { RawConnection } from '../support/http-client.ts';
import { PLAIN_POLICY } from '../support/off-settings.ts';
import { startRawBackend } from '../support/raw-backend.ts';
import { MISSING_PEERS, startHaproxy, startNginx } from '../support/real-peer.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { createFolder } from '../support/yaml-program.ts';

const skip = MISSING_PEERS || MISSING_OPENSSL;

async function bodies(port: number, paths: readonly string[]): Promise<string[]> {
  const connection = await new RawConnection(port).opened();
  const answers: string[] = [];
  for (const path of paths) {
    connection.get(path);
    answers.push((await connection.answer()).body);
  }
  connection.destroy();
  return answers;
}

for (const version of [1, 2] as const) {
  test(`HAProxy in front sends the PROXY protocol, version ${version}`, { skip }, async (t) => {
    const backend = await startRawBackend(t, (peer) => {
      peer.answer(/x-forwarded-for: ([^\r]*)/i.exec(peer.text)?.[1] ?? 'none');
    });
    const rig = await startRig(t, { backends: [backend.port], proxyProtocol: true, trustedProxies: ['127.0.0.1'] });
    const place = { host: '127.0.0.1', port: await freePort() };
    const option = version === 1 ? 'send-proxy' : 'send-proxy-v2 proxy-v2-options crc32c,unique-id';
    await startHaproxy(
      t,
      `frontend in
  bind 127.0.0.1:${place.port}
  unique-id-format %{+X}o\\ %ci:%cp
  default_backend out
backend out
  source 127.0.0.1
  server rwwwrse 127.0.0.1:${rig.port} ${option}`,
      place,
    );
    assert.deepEqual(await bodies(place.port, ['/a', '/b']), ['127.0.0.1', '127.0.0.1']);
    assert.deepEqual(rig.failures, []);
    assert.deepEqual(rig.statuses, [200, 200]);
  });

  test(`nginx behind is told of clients by the PROXY protocol, version ${version}`, { skip }, async (t) => {
    const place = { host: '127.0.0.1', port: await freePort() };
    const server = `server {
      listen 127.0.0.1:${place.port} proxy_protocol;
      location / { return 200 "$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_port"; }
    }`;
    await startNginx(t, server, place);
    const policy = { ...PLAIN_POLICY, proxyProtocol: version };
    const rig = await startRig(t, { backends: [{ addresses: [place], policy }] });
    const connection = await new RawConnection(rig.port).opened();
    const own = `127.0.0.1 ${connection.socket.localPort} ${rig.port}`;
    for (let i = 0; i < 3; i++) {
      connection.get('/');
      assert.equal((await connection.answer()).body, own);
    }
    connection.destroy();
    await rig.untilIdle();
  });
}

test('nginx on a unix socket', { skip }, async (t) => {
  const path = join(createFolder(t), 'nginx.sock');
  await startNginx(t, `server { listen unix:${path}; location / { return 200 "$request_uri $host"; } }`, { path });
  const rig = await startRig(t, { backends: [{ addresses: [{ path }], authority: 'localhost' }] });
  assert.deepEqual(await bodies(rig.port, ['/a', '/b?c']), ['/a localhost', '/b?c localhost']);
  assert.equal(rig.gauges.upstreamIdle, 1);
});

test('nginx over TLS with a client certificate, its session resumed', { skip }, async (t) => {
  const authority = createAuthority(t);
  const server = authority.issue(['DNS:app.test']);
  const client = authority.issue(['DNS:client.test']);
  const place = { host: '127.0.0.1', port: await freePort() };
  await startNginx(
    t,
    `server {
      listen 127.0.0.1:${place.port} ssl;
      ssl_certificate ${server.certificateFile}; ssl_certificate_key ${server.keyFile};
      ssl_session_cache shared:a:1m;
      ssl_client_certificate ${authority.own.certificateFile}; ssl_verify_client on;
      location / { return 200 "$ssl_server_name $ssl_client_verify $ssl_session_reused"; }
    }`,
    place,
  );
  const start = (tls: { certificate: string; key: string } | null): Promise<Rig> =>
    startRig(t, {
      backends: [
        {
          addresses: [place],
          tlsName: 'app.test',
          policy: { ...PLAIN_POLICY, tls: { ...PLAIN_POLICY.tls, ca: authority.own.certificate, ...tls } },
        },
      ],
      pool: { maxIdle: 0 },
    });
  const rig = await start(client);
  assert.deepEqual(await bodies(rig.port, ['/1', '/2']), ['app.test SUCCESS .', 'app.test SUCCESS r']);
  const without = await start(null);
  const [body] = await bodies(without.port, ['/']);
  // nginx ends the handshake and says what is missing in HTTP.
  assert.match(body ?? '', /No required SSL certificate was sent/);
});
