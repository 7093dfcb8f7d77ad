import assert from 'node:assert/strict';
import test from 'node:test';

import { loadConfig } from '../../config/load.ts';
import { placeOfConfig, placeOfUrl } from './place.ts';
import type { InstancePlace } from './place.ts';

function placeFor(env: Readonly<Record<string, string>>): InstancePlace | null {
  const readFile = (path: string): never => {
    throw Object.assign(new Error(path), { code: 'ENOENT' });
  };
  const loaded = loadConfig({ flags: {}, env, readFile });
  assert.ok('config' in loaded, JSON.stringify(loaded));
  return placeOfConfig(loaded.config);
}

test('the metrics listener is asked first, on loopback when it listens on all addresses', () => {
  const place = placeFor({ RWWWRSE_PORT: '8000', RWWWRSE_METRICS_PORT: '9000' });
  assert.equal(place?.text, 'http://127.0.0.1:9000');
  assert.deepEqual(
    place.listeners.map(({ name }) => name),
    ['main', 'metrics'],
  );
});

test('without a metrics listener the first one for traffic is asked, at its own address', () => {
  assert.equal(
    placeFor({ RWWWRSE_HOST: '10.1.2.3', RWWWRSE_PORT: '8000', RWWWRSE_METRICS_PORT: '0' })?.text,
    'http://10.1.2.3:8000',
  );
  const wildcard = placeFor({ RWWWRSE_HOST: '::', RWWWRSE_PORT: '8000', RWWWRSE_METRICS_PORT: '0' });
  assert.equal(wildcard?.text, 'http://[::1]:8000');
  assert.deepEqual(wildcard.socket, { kind: 'tcp', isTls: false, host: '::1', port: 8000 });
});

test('paths are those of the configuration; an endpoint that is off has none', () => {
  assert.deepEqual(placeFor({ RWWWRSE_HEALTH_PATH: '/h', RWWWRSE_METRICS_PATH: '/m' })?.paths, {
    health: '/h',
    readiness: '/ready',
    metrics: '/m',
  });
  assert.deepEqual(placeFor({ RWWWRSE_HEALTH_ENABLED: 'false', RWWWRSE_METRICS_ENABLED: 'false' })?.paths, {
    health: null,
    readiness: null,
    metrics: null,
  });
});

test('a listener that does not speak HTTP/1.1 cannot be asked', () => {
  const listeners = JSON.stringify([{ name: 'only', address: '127.0.0.1:8000', protocol: 'h2c' }]);
  assert.equal(placeFor({ RWWWRSE_LISTENERS: listeners, RWWWRSE_METRICS_PORT: '0' }), null);
});

test('a base URL names host and port, or a socket', () => {
  assert.deepEqual(placeOfUrl('http://[::1]:9090')?.socket, { kind: 'tcp', isTls: false, host: '::1', port: 9090 });
  assert.deepEqual(placeOfUrl('https://a.test')?.socket, { kind: 'tcp', isTls: true, host: 'a.test', port: 443 });
  assert.deepEqual(placeOfUrl('unix:/run/r.sock')?.socket, { kind: 'unix', path: '/run/r.sock' });
  assert.deepEqual(placeOfUrl('unix:///run/r.sock')?.socket, { kind: 'unix', path: '/run/r.sock' });
});

test('what is no base URL is refused, a path and a password too', () => {
  for (const url of ['', 'a.test:9090', 'ftp://a', 'http://a/x', 'http://a?x', 'http://u:p@a', 'unix:run', 'http://'])
    assert.equal(placeOfUrl(url), null, url);
});
