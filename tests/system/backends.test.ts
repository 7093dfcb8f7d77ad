import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';

import { createAuthority, MISSING_OPENSSL } from '../support/certificates.ts';
import { getOnce } from '../support/http-client.ts';
import { Load } from '../support/load.ts';
import { startProgram } from '../support/program.ts';
import { startRawBackend } from '../support/raw-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { createFolder, startWithYaml } from '../support/yaml-program.ts';

test(
  'an HTTPS backend by configuration: trusted, refused after a reload with another authority, trusted again',
  { skip: MISSING_OPENSSL },
  async (t) => {
    const folder = createFolder(t);
    const [authority, other] = [createAuthority(t), createAuthority(t)];
    const { certificate, key } = authority.issue(['DNS:localhost']);
    const server = createHttpsServer({ cert: certificate, key }, (request, response) =>
      response.end(request.headers.host),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    const file = join(folder, 'config.yaml');
    const write = (ca: string, verify = true): void =>
      writeFileSync(
        file,
        `routes:\n  app:\n    target: https://localhost:${port}\n    preserve_host: false\n` +
          `    backend_tls: { ca_file: ${ca}, verify: ${verify} }\n`,
      );
    write(authority.own.certificateFile);
    const program = await startProgram(t, { args: ['--config', file] });
    assert.equal((await getOnce(program.port, '/')).body, `localhost:${port}`);
    write(other.own.certificateFile);
    await until('the other authority holds', async () => (await getOnce(program.port, '/')).status === 502);
    await until('the failure is logged', () =>
      program.log.some(({ level, code }) => level === 'ERROR' && code === 'backend_certificate_invalid'),
    );
    await until('the log says why', () =>
      program
        .logged('backend address cannot be connected to')
        .some(({ error }) => /UNABLE_TO|SELF_SIGNED/.test(String(error))),
    );
    write(other.own.certificateFile, false);
    await until('nothing is verified', async () => (await getOnce(program.port, '/')).status === 200);
    write(authority.own.certificateFile);
    await program.untilLogged('configuration reloaded', 10_000, 3);
    const load = new Load(t, program.port, 4);
    await until('requests are answered', () => load.total > 200);
    await load.stop();
    assert.deepEqual([load.wrong, load.refused, load.losses.length], [0, 0, 0]);
  },
);

test('a backend on a unix socket with a base path, stopped and started again', async (t) => {
  const path = join(createFolder(t), 'app.sock');
  const start = async (): Promise<() => Promise<unknown>> => {
    const server = createServer((request, response) => response.end(`${request.headers.host} ${request.url}`));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const close = (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    t.after(close);
    return close;
  };
  const stop = await start();
  const program = await startWithYaml(t, [
    'circuit_breaker: { enabled: false }',
    'passive_health: { enabled: false }',
    `routes: { app: { target: "unix:${path}:/base", preserve_host: false } }`,
  ]);
  for (let i = 0; i < 6; i++) assert.equal((await getOnce(program.port, '/a')).body, 'localhost /base/a');
  await stop();
  const answer = await getOnce(program.port, '/a');
  assert.equal(answer.status, 502);
  assert.match(answer.body, /backend_socket_missing|backend_connect_refused/);
  await start();
  await until('it serves again', async () => (await getOnce(program.port, '/a')).status === 200);
});

test('the PROXY protocol by configuration, in front and behind, in all workers', async (t) => {
  const backend = await startRawBackend(t, (peer) => peer.answer(peer.text.split('\r\n')[0] ?? ''));
  const program = await startWithYaml(t, [
    'proxy_protocol: true',
    'trust_proxy: [127.0.0.0/8]',
    'send_proxy_protocol: v1',
    `routes: { app: { target: "http://127.0.0.1:${backend.port}" } }`,
  ]);
  for (let i = 1; i <= 20; i++) {
    const client = new RawClient(program.port);
    client.send(`PROXY TCP4 198.51.100.${i} 192.0.2.2 ${1_000 + i} 443\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n`);
    await until('the answer', () => client.text.includes('PROXY'));
    assert.ok(client.text.endsWith(`PROXY TCP4 198.51.100.${i} 192.0.2.2 ${1_000 + i} 443`), client.text);
    client.fin();
  }
  const plain = await getOnce(program.port, '/');
  assert.equal(plain.status, 400);
  assert.match(plain.body, /proxy_header_invalid/);
});
