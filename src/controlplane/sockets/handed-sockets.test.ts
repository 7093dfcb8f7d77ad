import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync } from 'node:fs';
import test from 'node:test';

import type { ListenAddress, ListenerSettings } from '../../config/resolved-config.ts';
import { type HandedSocket, HandedSockets } from './handed-sockets.ts';

const MAIN: ListenAddress = { kind: 'tcp', host: '0.0.0.0', port: 80, ipv6Only: false };

const listener = (name: string, address: ListenAddress): ListenerSettings => ({ name, address }) as ListenerSettings;
const socket = (fd: number, address: ListenAddress = MAIN, name = 'main'): HandedSocket => ({
  listener: name,
  address,
  fd,
});
const given = (handed: HandedSockets, workers: number): unknown =>
  Array.from({ length: workers }, (_, ordinal) => handed.giveTo('web', ordinal, workers));

test('every socket on the address goes to exactly one worker, whatever their numbers, and is given once', () => {
  for (const [count, workers, expected] of [
    [2, 2, [[10], [11]]],
    [3, 2, [[10, 12], [11]]],
    [5, 1, [[10, 11, 12, 13, 14]]],
    [1, 3, [[10], [], []]],
  ] as const) {
    const handed = new HandedSockets(
      Array.from({ length: count }, (_, place) => socket(10 + place)),
      false,
    );
    assert.deepEqual(handed.take(listener('web', MAIN)), MAIN);
    assert.deepEqual(given(handed, workers), expected);
    assert.deepEqual(
      given(handed, workers),
      expected.map(() => []),
      'a replacement binds anew',
    );
  }
});

test('a socket is for the listener on its address, under whatever name; no other address, family or path will do', () => {
  const unix: ListenAddress = { kind: 'unix', path: '/run/a', mode: 0o600 };
  const six: ListenAddress = { kind: 'tcp', host: '::', port: 80, ipv6Only: true };
  for (const [has, wants, takes] of [
    [MAIN, { ...MAIN }, true],
    [MAIN, { ...MAIN, port: 81 }, false],
    [MAIN, { ...MAIN, host: '127.0.0.1' }, false],
    [six, { ...six, ipv6Only: false }, false],
    [unix, { ...unix, mode: 0o666 }, true],
    [unix, { ...unix, path: '/run/b' }, false],
    [unix, MAIN, false],
    [MAIN, unix, false],
  ] as const) {
    const handed = new HandedSockets([socket(10, has, 'old name')], false);
    assert.deepEqual(handed.take(listener('web', wants)), takes ? wants : null);
  }
});

test('a listener on port 0 takes the sockets of its name with their port, and of no other', () => {
  const any: ListenAddress = { ...MAIN, port: 0 };
  assert.equal(new HandedSockets([socket(10, MAIN, 'web')], false).take(listener('web', any))?.kind, 'tcp');
  assert.deepEqual(new HandedSockets([socket(10, MAIN, 'web')], false).take(listener('web', any)), MAIN);
  assert.equal(new HandedSockets([socket(10, MAIN, 'other')], false).take(listener('web', any)), null);
});

test('a socket that no listener takes is closed, one that is taken is not', () => {
  const [kept, left] = [openSync('/dev/null', 'r'), openSync('/dev/null', 'r')];
  const handed = new HandedSockets([socket(kept), socket(left, { ...MAIN, port: 81 })], false);
  handed.take(listener('web', MAIN));
  handed.closeRest();
  assert.ok(fstatSync(kept));
  assert.throws(() => fstatSync(left), { code: 'EBADF' });
  closeSync(kept);
});
