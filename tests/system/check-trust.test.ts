import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';

import { type Certificate, createAuthority, MISSING_OPENSSL } from '../support/certificates.ts';
import { getOnce } from '../support/http-client.ts';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { startWithYaml } from '../support/yaml-program.ts';

/** Starts the program on a machine whose only authority is `trusted`, with a backend and a dependency that are one server. */
async function start(context: TestContext, served: Certificate, trusted: Certificate): Promise<Program> {
  const options = { cert: served.certificate, key: served.key };
  const server = createServer(options, (_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const lines = [
    'health_check: { path: /, interval: 100ms, timeout: 5s, unhealthy_threshold: 1, initial: unhealthy }',
    `health: { external_api_url: "${url}" }`,
    `routes: { app: { target: "${url}" } }`,
  ];
  const system = { SSL_CERT_FILE: trusted.certificateFile, SSL_CERT_DIR: '/nonexistent' };
  return startWithYaml(context, lines, { env: { RWWWRSE_HEALTH_CHECK_ENABLED: 'true', ...system } });
}

test(
  'checks of backends and dependencies trust the authorities of the system as requests do, and no others',
  { skip: MISSING_OPENSSL },
  async (t) => {
    const [known, unknown] = [createAuthority(t), createAuthority(t)];
    const good = await start(t, known.issue(['DNS:localhost']), known.own);
    await until('all is well', async () => {
      const { body } = await getOnce(good.port, '/health');
      return /"status":"healthy".*"external_api":"healthy"/.test(body);
    });
    assert.equal((await getOnce(good.port, '/')).status, 200);
    const bad = await start(t, unknown.issue(['DNS:localhost']), known.own);
    await until('nothing is', async () => {
      const { body } = await getOnce(bad.port, '/health');
      return /"status":"unhealthy".*"external_api":"unhealthy"/.test(body);
    });
    assert.notEqual((await getOnce(bad.port, '/')).status, 200);
    assert.ok(bad.log.some(({ msg, code }) => msg === 'backend is unhealthy' && code === 'tls_failed'));
  },
);
