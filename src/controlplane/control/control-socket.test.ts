import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { until } from '../../../tests/support/until.ts';
import { createFolder } from '../../../tests/support/yaml-program.ts';
import { askControl } from './ask-control.ts';
import { LINE_LIMIT_BYTES } from './control-message.ts';
import { ControlSocket, type ControlVerbs } from './control-socket.ts';

async function open(context: TestContext, verbs: ControlVerbs): Promise<string> {
  const path = join(createFolder(context), 'control.sock');
  const socket = new ControlSocket(path, verbs);
  await socket.open();
  context.after(() => socket.close());
  return path;
}

const ask = (path: string, verb: string, onProgress?: (text: string) => void): ReturnType<typeof askControl> =>
  askControl({ path, verb, timeoutMs: 5_000, ...(onProgress === undefined ? {} : { onProgress }) });

/** Everything that comes back for bytes; null when the connection is cut without an end. */
function raw(path: string, bytes: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    socket.on('close', (hadError) => resolve(hadError ? null : text));
    socket.on('error', () => undefined);
    socket.write(bytes);
  });
}

test('a question gets progress and one answer; unknown verbs and inherited names are refused with the known ones', async (context) => {
  const path = await open(context, {
    async upgrade(tell) {
      tell('starting');
      tell('listening');
      return Promise.resolve({ ok: true, message: 'done', details: { pid: 7 } });
    },
    fail: async () => Promise.reject(new Error('boom')),
  });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(path, '..')), ['control.sock']);
  const told: string[] = [];
  assert.deepEqual(await ask(path, 'upgrade', (text) => told.push(text)), {
    ok: true,
    message: 'done',
    details: { pid: 7 },
  });
  assert.deepEqual(told, ['starting', 'listening']);
  const unknown = { ok: false, message: 'this instance does not know toString; it knows upgrade, fail' };
  assert.deepEqual(await ask(path, 'toString'), unknown);
  assert.deepEqual(await ask(path, 'fail'), { ok: false, message: 'internal defect: Error: boom' });
});

test('what is no question of this version gets the reason, and a line without an end is cut', async (context) => {
  const path = await open(context, {});
  assert.match((await raw(path, 'GET / HTTP/1.1\r\n\r\n')) ?? '', /"ok":false,.*not a line of JSON/);
  assert.match((await raw(path, '{"version":2,"verb":"x"}\n')) ?? '', /has version 2, this instance knows 1/);
  assert.equal((await raw(path, 'x'.repeat(LINE_LIMIT_BYTES + 1))) ?? '', '');
});

test('a client that leaves does not stop what it asked for', async (context) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const seen = { begun: false, ended: false };
  const path = await open(context, {
    async work(tell) {
      seen.begun = true;
      await promise;
      tell('nobody listens');
      seen.ended = true;
      return { ok: true, message: '' };
    },
  });
  const client = connect(path);
  client.write('{"version":1,"verb":"work"}\n');
  await until('the work began', () => seen.begun);
  client.destroy();
  resolve();
  await until('the work ended', () => seen.ended);
  assert.deepEqual(await ask(path, 'work'), { ok: true, message: '' });
});

test('a later socket takes the path over, and the earlier one leaves it there when it closes', async (context) => {
  const path = join(createFolder(context), 'control.sock');
  const first = new ControlSocket(path, { who: async () => Promise.resolve({ ok: true, message: 'first' }) });
  const second = new ControlSocket(path, { who: async () => Promise.resolve({ ok: true, message: 'second' }) });
  await first.open();
  await second.open();
  first.close();
  assert.deepEqual(await ask(path, 'who'), { ok: true, message: 'second' });
  second.close();
  assert.equal(existsSync(path), false);
});

test('a question without an answer says what is there: nothing, a file, silence, something else, a close', async (context) => {
  const folder = createFolder(context);
  assert.deepEqual(await ask(join(folder, 'none'), 'state'), { code: 'ENOENT' });
  writeFileSync(join(folder, 'file'), '');
  assert.deepEqual(await ask(join(folder, 'file'), 'state'), { code: 'ECONNREFUSED' });
  const path = await open(context, { wait: async () => new Promise(() => undefined) });
  assert.deepEqual(await askControl({ path, verb: 'wait', timeoutMs: 50 }), { code: 'ETIMEDOUT' });
});
