import assert from 'node:assert/strict';
import test from 'node:test';

import { freePort } from '../support/free-port.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { startWithYaml } from '../support/yaml-program.ts';

test('the client is found by the trusted networks of the listener that took the request, not of others', async (t) => {
  const backend = await startHttpBackend(t, (request, response) => {
    response.end(`client=${String(request.headers['x-real-ip'])};`);
  });
  const [narrow, wide] = await Promise.all([freePort(), freePort()]);
  await startWithYaml(t, [
    'listeners:',
    `  - { name: narrow, address: '127.0.0.1:${narrow}', trust_proxy: ['127.0.0.1/32'] }`,
    `  - { name: wide, address: '127.0.0.1:${wide}', trust_proxy: ['127.0.0.1/32', '203.0.113.0/24'] }`,
    `default_backend: ${backend.url}`,
  ]);
  const clientSeenBy = async (port: number): Promise<string> => {
    const client = new RawClient(port);
    t.after(() => client.destroy());
    client.send('GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 198.51.100.1, 203.0.113.5\r\n\r\n');
    await until('the answer', () => client.text.endsWith(';'));
    return /client=(.*);/.exec(client.text)?.[1] ?? '';
  };
  assert.equal(await clientSeenBy(wide), '198.51.100.1');
  assert.equal(await clientSeenBy(narrow), '203.0.113.5');
});
