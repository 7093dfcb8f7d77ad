import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { runCommand } from '../support/command.ts';
import { getOnce } from '../support/http-client.ts';
import { Load } from '../support/load.ts';
import { metricValue } from '../support/metrics.ts';
import { type Program, startProgram } from '../support/program.ts';
import { startRawBackend } from '../support/raw-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-reload-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A backend that answers every request with its name, and switches protocols when asked. */
async function startNamed(context: TestContext, name: string) {
  return startRawBackend(context, (peer) => {
    if (peer.text.includes('Upgrade: echo'))
      peer.send('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
    else peer.answer(name);
  });
}

async function bodyOf(program: Program, path: string): Promise<string> {
  return (await getOnce(program.port, path)).body;
}

async function reloaded(program: Program, nth: number): Promise<void> {
  program.signal('SIGHUP');
  await until(
    `outcome ${nth}`,
    () => program.log.filter(({ msg }) => /^(configuration reloaded|reload refused)/.test(msg)).length >= nth,
    30_000,
  );
}

test('reloads under load lose no request and no tunnel; broken ones are refused and leave everything as it was', async (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'config.yaml');
  const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
  const write = (backend: { port: number }, more = ''): void =>
    writeFileSync(
      file,
      `routes:\n  fixed: { path: /load, target: "http://127.0.0.1:${a.port}" }\n` +
        `  moving: { path: /moving, target: "http://127.0.0.1:${backend.port}" }\n${more}`,
    );
  write(a);
  const program = await startProgram(t, { args: ['--config', file], env: { RWWWRSE_HOT_RELOAD: 'false' } });
  const tunnels = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const client = new RawClient(program.port);
      t.after(() => client.socket.destroy());
      client.send('GET /load HTTP/1.1\r\nHost: t.test\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
      await until('the tunnel is open', () => client.statuses[0] === 101);
      return client;
    }),
  );
  const load = new Load(t, program.port, 20);
  const rounds = Number(process.env.RELOADS ?? 8);
  let wanted = 'a';
  for (let round = 1; round <= rounds; round++) {
    const isBroken = round % 2 === 0;
    if (isBroken) write(a, `rotues: {}\ntimeout: never\n`);
    else {
      wanted = wanted === 'a' ? 'b' : 'a';
      write(wanted === 'a' ? a : b);
    }
    await reloaded(program, round);
    for (let i = 0; i < 10; i++) assert.equal(await bodyOf(program, '/moving'), wanted, `round ${round}`);
    assert.equal(await metricValue(program.port, 'rwwwrse_config_last_reload_successful'), isBroken ? 0 : 1);
  }
  await load.stop();
  assert.deepEqual([load.losses, load.refused, load.wrong], [[], 0, 0]);
  assert.ok(load.total > 100, `${load.total} requests`);
  assert.deepEqual(
    tunnels.filter(({ closed, ended }) => closed || ended),
    [],
  );
  for (const { problems } of program.logged('reload refused: the configuration before it goes on')) {
    assert.match(String(problems), /rotues .*config\.yaml:\d+:\d+.*did you mean routes\?/);
    assert.match(String(problems), /timeout .*"never"/);
  }
  assert.equal(program.logged('internal defect').length, 0);
});

test('a static change is told as restart required, again and again, and the rest of the file is taken', async (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'config.yaml');
  const a = await startNamed(t, 'a');
  const write = (workers: number, path: string): void =>
    writeFileSync(
      file,
      `workers: ${workers}\nroutes: { r: { path: ${path}, target: "http://127.0.0.1:${a.port}" } }\n`,
    );
  write(1, '/one');
  const program = await startProgram(t, {
    args: ['--config', file],
    env: { RWWWRSE_WORKERS: '', RWWWRSE_HOT_RELOAD: 'false' },
  });
  for (const [nth, path] of [
    [1, '/two'],
    [2, '/three'],
  ] as const) {
    write(2, path);
    await reloaded(program, nth);
    assert.equal(await bodyOf(program, path), 'a');
    assert.deepEqual((await program.untilLogged('restart required', 5_000, nth)).keys, ['workers']);
    assert.equal(await metricValue(program.port, 'rwwwrse_config_restart_required'), 1);
  }
  write(1, '/three');
  await reloaded(program, 3);
  assert.equal(await metricValue(program.port, 'rwwwrse_config_restart_required'), 0);
});

test('a reload keeps the connections to backends of routes that stay, and closes those that go', async (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'config.yaml');
  const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
  const routes = (...targets: readonly { port: number }[]): void =>
    writeFileSync(
      file,
      targets
        .map(({ port }, i) => `  r${i}: { path: /${i}, target: "http://127.0.0.1:${port}" }\n`)
        .join('')
        .replace(/^/, 'routes:\n'),
    );
  routes(a, b);
  const program = await startProgram(t, {
    args: ['--config', file],
    env: { RWWWRSE_WORKERS: '1', RWWWRSE_HOT_RELOAD: 'false' },
  });
  assert.deepEqual([await bodyOf(program, '/0'), await bodyOf(program, '/1')], ['a', 'b']);
  routes(a);
  await reloaded(program, 1);
  await until('the connection to b is closed', () => b.open.every(({ ended }) => ended));
  assert.equal(await bodyOf(program, '/0'), 'a');
  assert.equal(a.peers.length, 1);
});

for (const [how, prepare, change] of [
  [
    'written in place',
    (folder: string, text: string) => writeFileSync(join(folder, 'config.yaml'), text),
    (folder: string, text: string) => writeFileSync(join(folder, 'config.yaml'), text),
  ],
  [
    'renamed over',
    (folder: string, text: string) => writeFileSync(join(folder, 'config.yaml'), text),
    (folder: string, text: string) => {
      writeFileSync(join(folder, 'next'), text);
      renameSync(join(folder, 'next'), join(folder, 'config.yaml'));
    },
  ],
  [
    'swapped as Kubernetes does',
    (folder: string, text: string) => {
      mkdirSync(join(folder, '..v0'));
      writeFileSync(join(folder, '..v0/config.yaml'), text);
      symlinkSync('..v0', join(folder, '..data'));
      symlinkSync('..data/config.yaml', join(folder, 'config.yaml'));
    },
    (folder: string, text: string, nth: number) => {
      mkdirSync(join(folder, `..v${nth}`));
      writeFileSync(join(folder, `..v${nth}/config.yaml`), text);
      symlinkSync(`..v${nth}`, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
      rmSync(join(folder, `..v${nth - 1}`), { recursive: true });
    },
  ],
] as const) {
  test(`a watched file that is ${how} is taken, every time`, async (t) => {
    const folder = folderOf(t);
    const a = await startNamed(t, 'a');
    const text = (path: string): string => `routes: { r: { path: ${path}, target: "http://127.0.0.1:${a.port}" } }\n`;
    prepare(folder, text('/v0'));
    const program = await startProgram(t, {
      args: ['--config', join(folder, 'config.yaml')],
      env: { RWWWRSE_HOT_RELOAD: 'true' },
    });
    for (const nth of [1, 2, 3]) {
      change(folder, text(`/v${nth}`), nth);
      await until(`version ${nth}`, async () => (await bodyOf(program, `/v${nth}`)) === 'a', 15_000);
    }
    await program.untilLogged('configuration reloaded', 10_000, 3);
    assert.equal(program.logged('configuration reloaded').length, 3);
  });
}

test('the last good configuration is kept for its owner alone, and started with only when told to', async (t) => {
  const folder = folderOf(t);
  const [file, kept] = [join(folder, 'config.yaml'), join(folder, 'state/last-good.json')];
  const a = await startNamed(t, 'a');
  writeFileSync(file, `routes: { r: { path: /good, target: "http://127.0.0.1:${a.port}" } }\n`);
  const env = { RWWWRSE_LAST_GOOD_PATH: kept, RWWWRSE_HOT_RELOAD: 'false' };
  const first = await startProgram(t, { args: ['--config', file], env });
  await until('it is kept', () => statSync(kept, { throwIfNoEntry: false }) !== undefined);
  assert.equal(statSync(kept).mode & 0o777, 0o600);
  first.signal('SIGTERM');
  await first.ended();
  writeFileSync(file, 'routes: { r: { path: /good, target: nonsense } }\n');
  const refused = await startProgram(t, { args: ['--config', file], env, awaitReady: false });
  assert.equal((await refused.ended()).code, 1);
  const before = readFileSync(kept, 'utf8');
  const port = first.port;
  const second = await startProgram(t, {
    args: ['--config', file],
    port,
    env: { ...env, RWWWRSE_LAST_GOOD_FALLBACK: 'true' },
  });
  assert.equal(await bodyOf(second, '/good'), 'a');
  assert.match(second.stderr, /routes\.r\.target.*nonsense/);
  assert.match(second.stderr, /last good configuration/);
  assert.equal(await metricValue(second.port, 'rwwwrse_config_last_reload_successful'), 0);
  assert.equal(readFileSync(kept, 'utf8'), before);
});

test('the command tells what a reload changed, what it refuses, and that nobody answers', async (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'config.yaml');
  const a = await startNamed(t, 'a');
  const write = (text: string): void => writeFileSync(file, `pid_file: ${folder}/pid\n${text}`);
  const routes = `routes: { r: { path: /x, target: "http://127.0.0.1:${a.port}" } }\n`;
  write(routes);
  const env = { RWWWRSE_HOT_RELOAD: 'false' };
  const program = await startProgram(t, { args: ['--config', file], env });
  const own = { ...env, RWWWRSE_PORT: String(program.port), RWWWRSE_HOST: '127.0.0.1' };
  const reload = (...args: readonly string[]) => runCommand(['reload', '--config', file, ...args], own);
  write(`${routes}timeout: 7s\nidle_timeout: 33s\n`);
  const applied = await reload();
  assert.equal(applied.code, 0, applied.stderr);
  assert.match(applied.stdout, /^the configuration is reloaded\n {2}timeout: 30s → 7s\n$/);
  assert.match(applied.stderr, /a restart is needed for:\n {2}idle_timeout: /);
  const json = await reload('--json');
  const { ok, status, restart_required: restart } = JSON.parse(json.stdout) as Record<string, unknown>;
  assert.deepEqual([ok, status, restart], [true, 'unchanged', ['idle_timeout: 2m0s → 33s']]);
  write(`${routes}tests: [{ request: "GET http://h/y", route: r }]\n`);
  const refused = await runCommand(['reload', '--socket', `${folder}/pid.sock`], own);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /refused, the one before goes on\n {2}error: tests\[0\] .*expected is the route r/);
  write('routes: 7\n');
  const local = await reload();
  assert.equal(local.code, 1);
  assert.match(local.stderr, /routes .*config\.yaml:2/);
  program.signal('SIGTERM');
  await program.ended();
  const silent = await runCommand(['reload', '--socket', `${folder}/pid.sock`], own);
  assert.equal(silent.code, 1);
  assert.match(silent.stderr, /no instance runs there/);
});

test('a changed content of a file that a key names is taken, though no key has another value', async (t) => {
  const folder = folderOf(t);
  const [file, page] = [join(folder, 'config.yaml'), join(folder, 'sorry.html')];
  writeFileSync(page, 'first');
  writeFileSync(
    file,
    `routes: { r: { path: /, target: "http://127.0.0.1:9", error_pages: { 5xx: { file: "${page}" } } } }\n`,
  );
  const program = await startProgram(t, { args: ['--config', file], env: { RWWWRSE_HOT_RELOAD: 'true' } });
  assert.equal(await bodyOf(program, '/'), 'first');
  writeFileSync(page, 'second');
  await until('the new page', async () => (await bodyOf(program, '/')) === 'second', 15_000);
});

test('signals in quick succession are few reloads; one in the middle of a stop harms nothing', async (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'config.yaml');
  const a = await startNamed(t, 'a');
  writeFileSync(file, `routes: { r: { path: /, target: "http://127.0.0.1:${a.port}" } }\n`);
  const program = await startProgram(t, { args: ['--config', file], env: { RWWWRSE_HOT_RELOAD: 'false' } });
  for (let i = 0; i < 20; i++) program.signal('SIGHUP');
  await until('a reload', () => program.log.some(({ msg }) => msg.startsWith('configuration reloaded')));
  program.signal('SIGHUP');
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.ok(program.log.filter(({ msg }) => msg.startsWith('configuration reloaded')).length <= 4);
  assert.equal(program.logged('internal defect in main').length, 0);
});
