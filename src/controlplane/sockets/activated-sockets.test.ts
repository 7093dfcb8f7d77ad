import assert from 'node:assert/strict';
import test from 'node:test';

import type { ListenAddress, ListenerSettings } from '../../config/resolved-config.ts';
import { activatedSockets, workersFor } from './activated-sockets.ts';
import type { BoundAddress } from './listening-addresses.ts';

const tcp = (host: string, port: number, ipv6Only = false): ListenAddress => ({ kind: 'tcp', host, port, ipv6Only });
const listener = (name: string, address: ListenAddress): ListenerSettings => ({ name, address }) as ListenerSettings;
const bound = (host: string, port: number): BoundAddress => ({ kind: 'tcp', host, port });

function activate(
  listeners: readonly ListenerSettings[],
  addresses: readonly (BoundAddress | null)[],
  env: Readonly<Record<string, string>> = {},
): unknown {
  const passed = { LISTEN_PID: '7', LISTEN_FDS: String(addresses.length), ...env };
  const sockets = activatedSockets(listeners, { env: passed, pid: 7, addressOf: (fd) => addresses[fd - 3] ?? null });
  return typeof sockets === 'string' ? sockets : sockets.map((socket) => `${socket.fd} ${socket.listener}`);
}

test('descriptors from 3 on are for the listeners on their addresses, all addresses being all addresses', () => {
  const listeners = [
    listener('main', tcp('0.0.0.0', 80)),
    listener('six', tcp('::1', 80)),
    listener('any', tcp('::', 81)),
  ];
  assert.deepEqual(
    activate(listeners, [bound('::', 80), bound('::1', 80), bound('0.0.0.0', 81), bound('0.0.0.0', 80)]),
    ['3 main', '4 six', '5 any', '6 main'],
  );
});

test('where several listeners fit, the name of the socket decides', () => {
  const listeners = [listener('four', tcp('0.0.0.0', 80)), listener('six', tcp('::', 80, true))];
  const env = { LISTEN_FDNAMES: 'six:four:other' };
  assert.deepEqual(activate(listeners, [bound('::', 80), bound('0.0.0.0', 80), bound('0.0.0.0', 80)], env), [
    '3 six',
    '4 four',
    '5 four',
  ]);
});

test('what fits no listener, or listens to nothing, is told with what is configured', () => {
  const listeners = [
    listener('main', tcp('0.0.0.0', 80)),
    listener('local', { kind: 'unix', path: '/run/a', mode: 0 }),
  ];
  const env = { LISTEN_FDNAMES: 'web' };
  assert.equal(
    activate(listeners, [bound('127.0.0.1', 80)], env),
    'the service manager passes a socket (web) on 127.0.0.1:80, where no listener is; configured are main 0.0.0.0:80, local unix:/run/a',
  );
  assert.match(
    String(activate(listeners, [{ kind: 'unix', path: '/run/b' }], env)),
    /on unix:\/run\/b, where no listener is/,
  );
  assert.match(String(activate(listeners, [null], env)), /^descriptor 3 \(web\) .* is no listening TCP or unix socket/);
  assert.deepEqual(activate(listeners, [{ kind: 'unix', path: '/run/a' }]), ['3 local']);
});

test('sockets for another process, or none, are none of ours', () => {
  const listeners = [listener('main', tcp('0.0.0.0', 80))];
  assert.deepEqual(activate(listeners, [bound('0.0.0.0', 80)], { LISTEN_PID: '8' }), []);
  assert.deepEqual(activatedSockets(listeners, { env: {}, pid: 7, addressOf: () => null }), []);
});

test('the listener with the fewest passed sockets decides how many workers there can be; unix sockets do not', () => {
  const passed = (port: number): { listener: string; address: ListenAddress; fd: number } => ({
    listener: String(port),
    address: tcp('0.0.0.0', port),
    fd: 3,
  });
  assert.equal(workersFor([passed(80), passed(80), passed(80), passed(81), passed(81)]), 2);
  assert.equal(workersFor([{ listener: 'a', address: { kind: 'unix', path: '/a', mode: 0 }, fd: 3 }]), Infinity);
  assert.equal(workersFor([]), Infinity);
});
