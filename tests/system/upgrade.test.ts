import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { startHeldBackend } from '../support/held-backend.ts';
import { type HttpBackend, startHttpBackend } from '../support/http-backend.ts';
import { RawConnection } from '../support/http-client.ts';
import { Load } from '../support/load.ts';
import { allProcesses } from '../support/processes.ts';
import { Churn, startUpgradable, untilGone } from '../support/upgrade.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';

const UPGRADES = 2;

test('upgrades under load refuse, reset and fail nothing, on kept connections and on new ones', async (context) => {
  const backend = await startHeldBackend(context);
  const { program, pidFile, upgrade } = await startUpgradable(context, {
    env: { RWWWRSE_DEFAULT_BACKEND: backend.url },
  });
  const load = new Load(context, program.port, 20);
  const churn = new Churn(context, program.port, 5);
  await until('the load runs', () => load.total > 200 && churn.answers > 100);
  const doubles: number[] = [];
  const watch = setInterval(() => {
    const named = allProcesses().filter(({ pid, name }) => name === 'rwwwrse' && program.servingPids.includes(pid));
    if (named.length > 1) doubles.push(named.length);
  }, 20);
  context.after(() => clearInterval(watch));

  let pid = program.pid;
  for (let round = 0; round < UPGRADES; round++) {
    const ended = await upgrade('--json');
    assert.equal(ended.code, 0, ended.stderr + ended.stdout);
    const told = JSON.parse(ended.stdout) as Record<string, unknown>;
    assert.deepEqual([told['ok'], told['old_pid']], [true, pid]);
    const next = Number(told['pid']);
    assert.notEqual(next, pid);
    assert.equal(
      readFileSync(pidFile, 'utf8'),
      `${next}\n`,
      'the pid file names the new process when the command ends',
    );
    const before = churn.answers;
    await until('new connections are answered', () => churn.answers > before + 50);
    await untilGone(context, pid);
    pid = next;
  }
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.equal(allProcesses().find((each) => each.pid === pid)?.name, 'rwwwrse');
  await Promise.all([load.stop(), churn.stop()]);
  assert.deepEqual([load.refused, load.wrong, load.losses, churn.problems], [0, 0, [], []]);
  assert.deepEqual(doubles, [], 'two processes carried the name at the same time');
  process.kill(pid, 'SIGTERM');
  await untilGone(context, pid);
  assert.deepEqual([existsSync(pidFile), existsSync(`${pidFile}.sock`)], [false, false]);
});

test('the old process finishes what it has: a request under way is answered after the new one serves', async (context) => {
  const backend = await startHeldBackend(context);
  const { program, upgrade } = await startUpgradable(context, { env: { RWWWRSE_DEFAULT_BACKEND: backend.url } });
  const slow = await new RawConnection(program.port).opened();
  slow.get('/held');
  await until('the request waits at the backend', () => backend.waiting === 1);
  assert.equal((await upgrade()).code, 0);
  const answered = await fetch(program.url('/other'));
  assert.equal(answered.status, 200);
  await answered.text();
  backend.release();
  const answer = await slow.answer();
  assert.deepEqual([answer.status, /\r\nconnection: close/i.test(answer.head)], [200, true]);
  await program.ended();
});

test('sticky cookies hold over an upgrade although the configuration has no secret for them', async (context) => {
  const [a, b] = await Promise.all([startNamed(context, 'a'), startNamed(context, 'b')]);
  const file = join(createFolder(context), 'config.yaml');
  const targets = `["http://127.0.0.1:${a.port}", "http://127.0.0.1:${b.port}"]`;
  writeFileSync(file, `routes: { r: { path: /, targets: ${targets}, load_balancer: { sticky_cookie: s } } }\n`);
  const { program, upgrade } = await startUpgradable(context, { args: ['--config', file] });
  const first = await fetch(program.url('/'));
  const name = await first.text();
  const cookie = (first.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  assert.match(cookie, /^s=/);
  assert.equal((await upgrade()).code, 0);
  await untilGone(context, program.pid);
  for (let i = 0; i < 6; i++) {
    const answer = await fetch(program.url('/'), { headers: { cookie } });
    assert.deepEqual([await answer.text(), answer.headers.get('set-cookie')], [name, null]);
  }
});

function startNamed(context: TestContext, name: string): Promise<HttpBackend> {
  return startHttpBackend(context, (_request, response) => void response.end(name));
}
