import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { freePort } from '../support/free-port.ts';
import { RawConnection } from '../support/http-client.ts';
import { killStarted } from '../support/processes.ts';
import { startUpgradable, type Upgradable, untilGone } from '../support/upgrade.ts';
import { getThrough } from '../support/unix-client.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';

/** Connections enough to meet every socket of a port: the kernel spreads them by a hash. */
const SPREAD = 60;

interface Changing extends Upgradable {
  /** Writes the configuration that the next version reads. */
  readonly write: (lines: readonly string[]) => void;
}

async function startChanging(context: TestContext, lines: readonly string[]): Promise<Changing> {
  const file = join(createFolder(context), 'config.yaml');
  const write = (wanted: readonly string[]): void =>
    writeFileSync(file, ['hot_reload: false', ...wanted, ''].join('\n'));
  write(lines);
  // The number of workers comes from the file.
  const started = await startUpgradable(context, { args: ['--config', file], env: { RWWWRSE_WORKERS: '' } });
  return { ...started, write };
}

/** Status of GET /live on so many new connections, or why there is none. */
async function statuses(port: number, count: number): Promise<ReadonlySet<number | string>> {
  const seen = await Promise.all(
    Array.from({ length: count }, async () => {
      const connection = await new RawConnection(port).opened();
      connection.get('/live');
      const answer = await connection.answerOrClose().catch(() => 'silent' as const);
      connection.destroy();
      return answer === 'silent' ? answer : (answer?.status ?? connection.errorCode ?? 'closed');
    }),
  );
  return new Set(seen);
}

test('every socket is served whatever the number of workers before and after, and none is left open at the end', async (context) => {
  const { program, write, upgrade } = await startChanging(context, ['workers: 4']);
  let pid = program.pid;
  for (const [workers, sockets] of [
    [1, 4],
    [3, 4],
    [6, 6],
  ] as const) {
    write([`workers: ${workers}`]);
    const ended = await upgrade('--json');
    assert.equal(ended.code, 0, ended.stderr);
    const before = pid;
    pid = (JSON.parse(ended.stdout) as { pid: number }).pid;
    await untilGone(context, before);
    assert.equal(program.logged('listening').at(-1)?.workers, workers);
    assert.deepEqual([...(await statuses(program.port, SPREAD))], [200]);
    assert.ok(sockets >= workers);
  }
  killStarted(pid);
  // Another process that holds the sockets would keep them open.
  await until('the port is closed', async () => [...(await statuses(program.port, 4))].join(' ') === 'ECONNREFUSED');
});

test('a listener that is configured no more refuses connections, and a new one is opened', async (context) => {
  const [old, next] = [await freePort(), await freePort()];
  const listener = (name: string, port: number): string =>
    `listeners: [{ name: ${name}, address: '127.0.0.1:${port}' }]`;
  const { program, write, upgrade } = await startChanging(context, ['workers: 2', listener('old', old)]);
  assert.deepEqual([...(await statuses(old, 4))], [200]);
  write(['workers: 2', listener('next', next)]);
  assert.equal((await upgrade()).code, 0);
  await untilGone(context, program.pid);
  assert.deepEqual([...(await statuses(old, 4))], ['ECONNREFUSED'], 'a socket that nobody serves is open');
  assert.deepEqual([...(await statuses(next, 4))], [200]);
});

test('a listener that somebody else has is a reason to refuse, and the old version goes on', async (context) => {
  const taken = await freePort();
  const other = await startUpgradable(context, { port: taken });
  const { program, write, upgrade } = await startChanging(context, ['workers: 1']);
  write(['workers: 1', `listeners: [{ name: more, address: '127.0.0.1:${taken}' }]`]);
  const { code, stderr } = await upgrade();
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`listener more: 127.0.0.1:${taken} is in use by another program`));
  for (const port of [program.port, other.program.port]) assert.deepEqual([...(await statuses(port, 4))], [200]);
});

test('a unix socket is handed over with its path: no moment without it, its mode is the new one, and it is removed at the end', async (context) => {
  const path = join(createFolder(context), 'proxy.sock');
  const listener = (mode: string): string => `listeners: [{ name: local, address: 'unix:${path}', mode: '${mode}' }]`;
  const { program, write, upgrade } = await startChanging(context, ['workers: 2', listener('0600')]);
  const { ino } = statSync(path);
  const seen = new Set<number | string>();
  const state = { polling: true };
  const poll = (async () => {
    while (state.polling) seen.add(await getThrough(path));
  })();
  let pid = program.pid;
  for (const mode of ['0660', '0600']) {
    write(['workers: 2', listener(mode)]);
    const ended = await upgrade('--json');
    assert.equal(ended.code, 0, ended.stderr);
    await untilGone(context, pid);
    pid = (JSON.parse(ended.stdout) as { pid: number }).pid;
    assert.equal((statSync(path).mode & 0o777).toString(8), mode.slice(1));
  }
  state.polling = false;
  await poll;
  assert.deepEqual([...seen], [200]);
  assert.equal(statSync(path).ino, ino, 'the socket is another one');
  process.kill(pid, 'SIGTERM');
  await untilGone(context, pid);
  assert.equal(existsSync(path), false);
});
