import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';

import { PROGRAM_WORDS, runBash, runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { getOnce } from '../support/http-client.ts';
import { programEnv, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { createFolder, startWithYaml } from '../support/yaml-program.ts';

const ENV = { RWWWRSE_DEFAULT_BACKEND: 'http://127.0.0.1:9' };

/** Writes the URL of every module that the program loads into the file LOADED. */
const SPY = `data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from 'node:module';
import { appendFileSync } from 'node:fs';
registerHooks({ load(url, context, next) { appendFileSync(process.env.LOADED, url + '\\n'); return next(url, context); } });`,
)}`;

test('serving and --version load neither the argument parser nor a command', async (context) => {
  const loaded = join(createFolder(context), 'loaded');
  const options = { env: { LOADED: loaded }, nodeFlags: ['--import', SPY] };
  await startProgram(context, options);
  const served = readFileSync(loaded, 'utf8');
  assert.match(served, /\/src\/cli\/serve-command\.ts\n/);
  assert.doesNotMatch(served, /\/commander\/|\/src\/cli\/(?:command|commands)[/-]/);
  writeFileSync(loaded, '');
  const version = await startProgram(context, { ...options, args: ['--version'], awaitReady: false });
  assert.equal((await version.ended()).code, 0);
  assert.doesNotMatch(readFileSync(loaded, 'utf8'), /node_modules|\/src\/config\//);
});

test('a reader that has seen enough is no error: no line about it, and the status stays that of the command', async () => {
  const head = await runBash('set -o pipefail; rwwwrse config show --json | head -c 1; echo " $?"', ENV);
  assert.deepEqual([head.stderr, head.stdout], ['', '{ 0\n']);
  for (const [args, port, code] of [
    ['config show', '8080', 0],
    ['completion zsh', '8080', 0],
    ['--version', '8080', 0],
    ['--config-check', '8080', 0],
    ['--config-check', 'x', 1],
  ] as const) {
    const ended = await runCommand(args.split(' '), { ...ENV, RWWWRSE_PORT: port }, 'unread');
    assert.deepEqual(
      [ended.code, ended.stderr.replace(/^.*demo backends\n$/, ''), ended.stdout],
      [code, '', ''],
      `${args} ${port}`,
    );
  }
});

test('output onto a full disk is one line and status 1', async () => {
  const { code, stderr } = await runBash('rwwwrse --version > /dev/full', ENV);
  assert.deepEqual([code, stderr], [1, 'rwwwrse: the output cannot be written (ENOSPC)\n']);
});

test('colours on a terminal, and none with NO_COLOR or into a file', async (context) => {
  if (spawnSync('script', ['--version']).status !== 0) {
    context.skip('missing: script');
    return;
  }
  const onTerminal = `script --quiet --return --command "${PROGRAM_WORDS} --config-check" /dev/null`;
  const coloured = await runBash(onTerminal, { ...ENV, TERM: 'xterm' });
  assert.deepEqual([coloured.code, coloured.stdout], [0, '\u001b[32mconfiguration ok\u001b[39m: no findings\r\n']);
  const plain = await runBash(onTerminal, { ...ENV, TERM: 'xterm', NO_COLOR: '1' });
  assert.equal(plain.stdout, 'configuration ok: no findings\r\n');
  assert.equal((await runBash('rwwwrse --config-check', ENV)).stdout, 'configuration ok: no findings\n');
});

test('FORCE_COLOR brings colours into a pipe, but never into JSON', async () => {
  const forced = { ...ENV, FORCE_COLOR: '1' };
  const { stdout } = await runBash('rwwwrse --config-check | cat', forced);
  assert.equal(stdout, '\u001b[32mconfiguration ok\u001b[39m: no findings\n');
  for (const command of ['--config-check', 'config show', 'explain GET http://a/'])
    assert.ok(!(await runBash(`rwwwrse ${command} --json`, forced)).stdout.includes('\u001b'), command);
});

test('the completion script works in a bash that sources it from the program', async () => {
  const script = `source <(rwwwrse completion bash)
    COMP_WORDS=(rwwwrse config ''); COMP_CWORD=2; _rwwwrse; echo "\${COMPREPLY[@]}"`;
  assert.deepEqual(await runBash(script), { code: 0, stdout: 'show diff\n', stderr: '' });
});

test('status shows what a running instance does: verdict, pid, rates, errors, backends', async (context) => {
  const backend = createServer((request, response) => {
    response.statusCode = request.url === '/bad' ? 500 : 200;
    response.end('x');
  });
  await new Promise<void>((resolve) => {
    backend.listen(0, '127.0.0.1', resolve);
  });
  context.after(() => backend.close());
  const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const pidFile = join(createFolder(context), 'pid');
  const port = await freePort();
  const env = {
    ...programEnv(port),
    RWWWRSE_DEFAULT_BACKEND: url,
    RWWWRSE_METRICS_PORT: String(await freePort()),
    RWWWRSE_PID_FILE: pidFile,
  };
  const program = await startProgram(context, { port, env });
  for (const path of ['/a', '/b', '/bad', '/c']) await getOnce(port, path);

  const status = async (...rest: string[]): Promise<ReturnType<typeof runCommand>> =>
    runCommand(['status', ...rest], env);
  const report = await until('all is counted', async () => {
    const { code, stdout, stderr } = await status('--json', '--sample', '0s');
    assert.deepEqual([code, stderr], [0, '']);
    const read = JSON.parse(stdout) as { traffic: { requests: { total: number } } };
    return read.traffic.requests.total === 4 ? read : null;
  });
  const { traffic, ...facts } = report as unknown as Record<string, never> & { traffic: Record<string, unknown> };
  assert.equal(facts['pid'], program.pid);
  assert.deepEqual([facts['running'], facts['health'], facts['ready']], [true, 'healthy', true]);
  assert.deepEqual(traffic['serverErrors'], { total: 1, perSecond: null });
  const [first] = traffic['backends'] as { name: string; requests: unknown; failures: unknown }[];
  assert.deepEqual(
    [first?.name, first?.requests, first?.failures],
    [url, { total: 4, perSecond: null }, { total: 1, perSecond: null }],
  );
  const { stdout } = await status('--sample', '100ms');
  assert.match(stdout, /^rwwwrse 1\.0\.0 at http:\/\/127\.0\.0\.1:\d+: healthy, ready\n {2}uptime +\S+\n/);
  assert.match(stdout, /\n {2}requests +0\.0 per second, 4 in all\n {2}errors +5xx .* 1 in all \(25 %\)/);
  const byUrl = await status('--url', program.url('').replace(/\/$/, ''), '--sample', '0s');
  assert.match(byUrl.stdout, new RegExp(`^rwwwrse 1\\.0\\.0 at http://127\\.0\\.0\\.1:${port}: healthy, ready\n`));

  program.signal('SIGTERM');
  await program.ended();
  const gone = await status();
  assert.deepEqual([gone.code, gone.stdout], [1, '']);
  assert.match(gone.stderr, /^rwwwrse: nothing runs at http:\/\/127\.0\.0\.1:\d+: the connection is refused; .*\n$/);
  const goneJson = await status('--json');
  assert.equal(goneJson.code, 1);
  assert.equal((JSON.parse(goneJson.stdout) as { running: boolean }).running, false);
});

test('status counts a route with the path of an endpoint, and no endpoint, whatever its path; it names what fails', async (context) => {
  const program = await startWithYaml(context, [
    'routes:',
    '  own: { host: own.test, path: /health, target: "http://127.0.0.1:9" }',
  ]);
  for (const path of ['/live', '/health/own.test', '/health', '/ready']) await getOnce(program.port, path);
  await getOnce(program.port, '/health', 'own.test');
  const text = await until('the request is counted', async () => {
    const { stdout } = await runCommand(['status', '--sample', '0s', '--url', `http://127.0.0.1:${program.port}`]);
    return /\n {2}requests +1 in all\n/.test(stdout) ? stdout : null;
  });
  assert.match(text, /\n {2}backend_connect_refused +backend +1 +1\n/);
});

test('status of an instance that drains says so, with status 1', async (context) => {
  const program = await startProgram(context, { env: { RWWWRSE_SHUTDOWN_DELAY: '30s' } });
  program.signal('SIGTERM');
  await program.untilLogged('stopping');
  const { code, stdout } = await runCommand(['status', '--sample', '0s', '--url', `http://127.0.0.1:${program.port}`]);
  assert.equal(code, 1);
  assert.match(stdout, /not ready \(shutting down\)\n/);
});

test('status reads through a unix socket, by the configuration and by --url', async (context) => {
  const socket = join(createFolder(context), 'r.sock');
  const lines = ['listeners:', `  - { name: local, address: "unix:${socket}" }`];
  const program = await startWithYaml(context, lines);
  const { code, stdout } = await runCommand(['status', '--sample', '0s', '--url', `unix:${socket}`]);
  assert.equal(code, 0);
  assert.ok(stdout.startsWith(`rwwwrse 1.0.0 at unix:${socket}: healthy, ready\n`), stdout);
  const own = await runCommand(['status', '--sample', '0s', ...program.child.spawnargs.slice(-2)], {
    RWWWRSE_METRICS_PORT: '0',
  });
  assert.equal(own.code, 0, own.stderr);
});

test('status of something else: one line that it is not rwwwrse, status 1', async (context) => {
  const other = createServer((_request, response) => response.end('{"status":"ok","version":"7"}'));
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  context.after(() => other.close());
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const { code, stderr } = await runCommand(['status', '--url', url]);
  assert.deepEqual([code, stderr], [1, `rwwwrse: what answers at ${url} is not rwwwrse; --url names another place\n`]);
});

/** Breaks the command `config show` from inside. */
const SABOTAGE = `data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { if (url.endsWith('/config-show.ts')) throw new Error('planted'); return next(url, context); } });`,
)}`;

test('a defect is one line and status 1; its stack only at the level debug', async () => {
  const env = { ...ENV, NODE_OPTIONS: `--import=${SABOTAGE}` };
  const { code, stdout, stderr } = await runCommand(['config', 'show'], env);
  assert.deepEqual([code, stdout, stderr], [1, '', 'rwwwrse: internal defect: planted; please report it\n']);
  const debug = await runCommand(['config', 'show'], { ...env, RWWWRSE_LOG_LEVEL: 'debug' });
  assert.match(debug.stderr, /^rwwwrse: internal defect: planted; please report it\nError: planted\n {4}at /);
});

test('status tells what it can when an endpoint is off, and why it cannot tell the rest', async (context) => {
  const port = await freePort();
  const mute = { ...programEnv(port), RWWWRSE_METRICS_ENABLED: 'false' };
  await startProgram(context, { port, env: mute });
  const untold = await runCommand(['status'], mute);
  assert.equal(untold.code, 0, untold.stderr);
  assert.match(untold.stdout, /: healthy, ready\n(?:.*\n)* {2}traffic +not known: metrics\.enabled is false\n$/);
  const byUrl = await runCommand(['status', '--url', `http://127.0.0.1:${port}`]);
  assert.match(byUrl.stdout, /traffic +not known: the metrics are answered with 404\n$/);
  const off = await runCommand(['status'], { ...mute, RWWWRSE_HEALTH_ENABLED: 'false' });
  assert.deepEqual([off.code, off.stdout], [1, '']);
  assert.match(off.stderr, /^rwwwrse: the configuration has health\.enabled and metrics\.enabled off: .*\n$/);
});

test('status works by the metrics alone, under another namespace too', async (context) => {
  const port = await freePort();
  const env = { ...programEnv(port), RWWWRSE_HEALTH_ENABLED: 'false', RWWWRSE_METRICS_NAMESPACE: 'edge' };
  await startProgram(context, { port, env });
  assert.equal((await getOnce(port, '/')).status, 200);
  const { stdout } = await until('the request is counted', async () => {
    const ended = await runCommand(['status', '--sample', '0s'], env);
    assert.equal(ended.code, 0, ended.stderr);
    return / 1 in all\n/.test(ended.stdout) ? ended : null;
  });
  assert.match(stdout, /^rwwwrse 1\.0\.0 at http:\/\/127\.0\.0\.1:\d+: running\n/);
});
