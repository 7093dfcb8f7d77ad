import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';

import { createFolder } from '../../../tests/support/yaml-program.ts';
import { controlPath, type ControlPlace, prepareRuntimeFolder } from './control-path.ts';

const PLACE: ControlPlace = {
  pidFile: null,
  address: { kind: 'tcp', host: '127.0.0.1', port: 8080, ipv6Only: false },
  env: {},
  uid: 1000,
};
const OWN_UID = process.geteuid?.() ?? -1;

test('the socket is beside the pid file, else in the runtime folder under the first address', () => {
  assert.equal(controlPath({ ...PLACE, pidFile: '/run/r.pid' }), '/run/r.pid.sock');
  assert.equal(
    controlPath({ ...PLACE, env: { XDG_RUNTIME_DIR: '/run/user/7' } }),
    '/run/user/7/rwwwrse/127.0.0.1:8080.sock',
  );
  assert.equal(
    controlPath({ ...PLACE, env: { XDG_RUNTIME_DIR: 'relative' }, uid: 0 }),
    '/run/rwwwrse/127.0.0.1:8080.sock',
  );
  assert.equal(controlPath(PLACE), join(tmpdir(), 'rwwwrse-1000/127.0.0.1:8080.sock'));
  const all = { ...PLACE, address: { kind: 'tcp', host: '', port: 80, ipv6Only: false } } as const;
  assert.match(controlPath(all), /\/0\.0\.0\.0:80\.sock$/);
  const unix = { ...PLACE, address: { kind: 'unix', path: '/run/web', mode: 0o660 } } as const;
  assert.match(controlPath(unix), /\/rwwwrse-1000\/[0-9a-f]{16}\.sock$/);
});

test('the runtime folder is made for this user alone; one that others may write, a link and a foreign one are refused', (context) => {
  const parent = createFolder(context);
  const place = { ...PLACE, uid: OWN_UID, env: { XDG_RUNTIME_DIR: parent } };
  const path = controlPath(place);
  prepareRuntimeFolder(path, place);
  assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
  prepareRuntimeFolder(path, place);
  chmodSync(dirname(path), 0o720);
  assert.throws(() => prepareRuntimeFolder(path, place), /belongs to this user alone/);
  const foreign = { ...place, uid: OWN_UID + 1 };
  chmodSync(dirname(path), 0o700);
  assert.throws(() => prepareRuntimeFolder(path, foreign), /belongs to this user alone/);

  const linked = createFolder(context);
  mkdirSync(join(linked, 'elsewhere'), { mode: 0o700 });
  symlinkSync('elsewhere', join(linked, 'rwwwrse'));
  const throughLink = { ...place, env: { XDG_RUNTIME_DIR: linked } };
  assert.throws(() => prepareRuntimeFolder(controlPath(throughLink), throughLink), /belongs to this user alone/);
});
