import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { freePort } from '../support/free-port.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { getOnce, RawConnection } from '../support/http-client.ts';
import { Load } from '../support/load.ts';
import { type Program, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { createFolder, startWithYaml } from '../support/yaml-program.ts';

/** The Operations Guide's third command looks for at least this long. */
const SLOW_MS = 5_050;

interface Logging {
  readonly program: Program;
  readonly path: string;
  /** Stops the program and gives the lines of its access log. */
  readonly lines: () => Promise<readonly string[]>;
}

/** A backend that answers `/NNN…` with that status and `/slow` late, and a program that logs. */
async function startLogging(context: TestContext, env: Readonly<Record<string, string>>): Promise<Logging> {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const backend = await startHttpBackend(context, (request, response) => {
    request.resume();
    const status = Number(/^\/(\d{3})/.exec(request.url ?? '')?.[1] ?? 200);
    const answer = (): unknown => response.writeHead(status, { 'content-length': 3 }).end('ok\n');
    if (request.url === '/cut')
      response.writeHead(200, { 'content-length': 9 }).write('ok\n', () => response.destroy());
    else if (request.url === '/slow') setTimeout(answer, SLOW_MS);
    else answer();
  });
  const path = join(folder, 'access.log');
  const program = await startProgram(context, {
    env: {
      RWWWRSE_DEFAULT_BACKEND: backend.url,
      RWWWRSE_REQUEST_LOGGING: 'true',
      RWWWRSE_ACCESS_LOG_PATH: path,
      ...env,
    },
  });
  const lines = async (): Promise<readonly string[]> => {
    program.signal('SIGTERM');
    assert.deepEqual(await program.ended(), { code: 0, signal: null });
    return linesOf(path);
  };
  return { program, path, lines };
}

function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'latin1').split('\n').slice(0, -1) : [];
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : 1;
}

async function get(program: Program, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const { status } = await getOnce(program.port, path);
    assert.equal(status, Number(/^\/(\d{3})/.exec(path)?.[1] ?? 200), path);
  }
}

test('the commands of the Operations Guide work on the log of the running program (S108, S109, S118)', async (context) => {
  const { program, path, lines } = await startLogging(context, {});
  const slow = get(program, '/slow');
  await get(
    program,
    '/fine',
    '/401/login',
    '/401/login',
    '/500/broken',
    '/404/gone',
    '/fine',
    '/404/gone',
    '/404/gone',
  );
  await slow;
  assert.equal((await lines()).length, 9);
  const guide = (command: string): readonly string[] =>
    execFileSync('sh', ['-c', command.replaceAll('/var/log/rwwwrse/access.log', path)], { encoding: 'utf8' })
      .trimEnd()
      .split('\n')
      .map((line) => line.trim());
  assert.deepEqual(
    guide(`grep "status.*401" /var/log/rwwwrse/access.log | \\\n  awk '{print $1}' | sort | uniq -c | sort -nr`),
    ['2 127.0.0.1'],
  );
  assert.deepEqual(
    guide(
      `grep "status.*[45][0-9][0-9]" /var/log/rwwwrse/access.log | \\\n  awk '{print $7}' | sort | uniq -c | sort -nr`,
    ),
    ['3 /404/gone', '2 /401/login', '1 /500/broken'],
  );
  const found = guide('grep "response_time.*[5-9][0-9][0-9][0-9]" /var/log/rwwwrse/access.log');
  assert.equal(found.length, 1);
  assert.match(found[0] as string, / "GET \/slow HTTP\/1\.1" 200 3 .* response_time=5\d{3} status=200$/);
});

test('json: every line is an object of type access, with the fields that were chosen, in their order', async (context) => {
  const { program, lines } = await startLogging(context, {
    RWWWRSE_ACCESS_LOG_FORMAT: 'json',
    RWWWRSE_ACCESS_LOG_FIELDS: 'type,remote_addr,path,status,response_time',
  });
  await get(program, '/one', '/404/two%22');
  const parsed = (await lines()).map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of parsed)
    assert.deepEqual(Object.keys(line), ['type', 'remote_addr', 'path', 'status', 'response_time']);
  assert.deepEqual(
    parsed
      .map(({ type, remote_addr: address, path, status }) => [type, address, path, status])
      .toSorted((a, b) => inOrder(String(a[2]), String(b[2]))),
    [
      ['access', '127.0.0.1', '/404/two%22', 404],
      ['access', '127.0.0.1', '/one', 200],
    ],
  );
});

test('a sample leaves requests out that went well, but no error, no slow one and none that was cut', async (context) => {
  const { program, lines } = await startLogging(context, {
    RWWWRSE_ACCESS_LOG_SAMPLE: '0',
    RWWWRSE_LOG_SLOW_REQUEST: '5s',
  });
  const slow = get(program, '/slow');
  for (let i = 0; i < 20; i++) await get(program, '/fine', '/404/gone');
  await slow;
  const cut = await new RawConnection(program.port).opened();
  cut.get('/cut');
  await cut.untilClosed();
  const targets = (await lines()).map((line) => line.split(' ')[6] ?? '').toSorted(inOrder);
  assert.deepEqual(targets, [...Array.from({ length: 20 }, () => '/404/gone'), '/cut', '/slow']);
});

test('excluded paths and what is below them are not logged, their neighbours are', async (context) => {
  const { program, lines } = await startLogging(context, { RWWWRSE_ACCESS_LOG_EXCLUDE_PATHS: '/health,/assets/' });
  await get(program, '/assets', '/assets/a.js', '/assets/a.js?v=1', '/assetsx', '/a/assets', '/healthy');
  assert.equal((await getOnce(program.port, '/health')).status, 200);
  const targets = (await lines()).map((line) => line.split(' ')[6] ?? '').toSorted(inOrder);
  assert.deepEqual(targets, ['/a/assets', '/assetsx', '/healthy']);
});

test('rotation by size under load loses no line and splits none', async (context) => {
  const { program, path, lines } = await startLogging(context, {
    RWWWRSE_ACCESS_LOG_MAX_SIZE: '16KiB',
    RWWWRSE_ACCESS_LOG_KEEP: '1000',
  });
  const load = new Load(context, program.port, 10);
  while (load.total < 2_000) await get(program, '/fine');
  await load.stop();
  const last = await lines();
  const old: string[] = [];
  let files = 0;
  for (; existsSync(`${path}.${files + 1}`); files++) {
    assert.ok(readFileSync(`${path}.${files + 1}`).length <= 16_384);
    old.push(...linesOf(`${path}.${files + 1}`));
  }
  const all = [...last, ...old].filter((line) => !line.includes(' /fine '));
  assert.ok(files > 10);
  assert.deepEqual([load.losses, load.wrong, all.length], [[], 0, load.total]);
  assert.equal(new Set(all.map((line) => /request_id="(\S+)"/.exec(line)?.[1])).size, load.total);
  for (const line of all) assert.match(line, /^127\.0\.0\.1 - - .* status=200$/);
});

test('a backend that cannot be reached is an error line with its name and the cause; no stack unless asked for (S52, S51)', async (context) => {
  const backend = `http://127.0.0.1:${await freePort()}`;
  for (const stackTrace of ['false', 'true']) {
    const program = await startProgram(context, {
      env: { RWWWRSE_DEFAULT_BACKEND: backend, RWWWRSE_ERROR_STACK_TRACE: stackTrace },
    });
    assert.equal((await getOnce(program.port, '/x?token=abc')).status, 502);
    const line = await program.untilLogged('The backend refused the connection');
    assert.deepEqual([line.level, line.backend, line.path], ['ERROR', backend, '/x?token=***']);
    assert.match(String(line.error), /ECONNREFUSED.*connection refused/);
    assert.equal(typeof line.stack, stackTrace === 'true' ? 'string' : 'undefined');
    assert.deepEqual(Object.keys(line).slice(0, 3), ['time', 'level', 'msg']);
  }
});

test('a slow request is a warning with its time, a routed one an information where that is asked for (S54, S56)', async (context) => {
  const { program, lines } = await startLogging(context, {
    RWWWRSE_LOG_SLOW_REQUEST: '5s',
    RWWWRSE_LOG_REQUESTS: 'true',
  });
  await get(program, '/slow');
  const slow = await program.untilLogged('slow request');
  assert.equal(slow.level, 'WARN');
  assert.ok(Number(slow.response_time) >= 5_000);
  const routed = await program.untilLogged('request routed');
  assert.deepEqual([routed.level, routed.method, routed.path, routed.status], ['INFO', 'GET', '/slow', 200]);
  for (const key of ['host', 'backend', 'duration', 'request_id', 'route']) assert.ok(routed[key], key);
  await lines();
});

test('lines below the level are not written; text lines are key=value pairs (S47, S48)', async (context) => {
  const { program, lines } = await startLogging(context, {
    RWWWRSE_LOG_LEVEL: 'debug',
    RWWWRSE_LOG_CALLER: 'true',
    RWWWRSE_LOG_REQUESTS: 'true',
  });
  await get(program, '/one');
  assert.match(String((await program.untilLogged('request routed')).caller), /^pipeline\/exchange-log\.ts:\d+$/);
  await lines();
  const port = await freePort();
  const quiet = await startProgram(context, {
    port,
    env: { RWWWRSE_LOG_LEVEL: 'warn', RWWWRSE_LOG_FORMAT: 'console', RWWWRSE_LOG_SLOW_REQUEST: '1ms' },
    awaitReady: false,
  });
  await until('a slow request', async () => {
    await getOnce(port, '/demo');
    return quiet.stdout.includes('slow request');
  });
  await getOnce(port, '/demo').catch(() => null);
  assert.match(
    quiet.stdout,
    /^time=\S+ level=WARN msg="slow request" .* status=\d{3} duration=\d+ms response_time=\d+$/m,
  );
  assert.doesNotMatch(quiet.stdout, /level=INFO/);
});

test('a route that says so is not in the access log', async (context) => {
  const folder = createFolder(context);
  const backend = await startHttpBackend(context, (_request, response) => response.end('ok\n'));
  const path = join(folder, 'access.log');
  const yaml = [
    'routes:',
    '  quiet:',
    '    path: /quiet',
    `    target: ${backend.url}`,
    '    access_log: false',
    '  loud:',
    `    target: ${backend.url}`,
  ];
  const program = await startWithYaml(context, yaml, {
    env: { RWWWRSE_REQUEST_LOGGING: 'true', RWWWRSE_ACCESS_LOG_PATH: path },
  });
  await get(program, '/quiet', '/loud', '/quiet/below');
  program.signal('SIGTERM');
  await program.ended();
  assert.deepEqual(
    linesOf(path).map((line) => line.split(' ')[6]),
    ['/loud'],
  );
});

test('at debug the life of backend connections is told, above debug it is not (S59)', async (context) => {
  const transitions = ['backend connection begun', 'backend connection idle', 'backend connection reused'];
  const { program } = await startLogging(context, { RWWWRSE_LOG_LEVEL: 'debug', RWWWRSE_WORKERS: '1' });
  await getOnce(program.port, '/200');
  await until('the connection is idle', () => program.logged('backend connection idle').length === 1);
  await getOnce(program.port, '/200');
  for (const message of transitions)
    assert.match(String((await program.untilLogged(message)).backend), /^http:\/\/127/);
  const quiet = await startLogging(context, { RWWWRSE_LOG_LEVEL: 'info', RWWWRSE_WORKERS: '1' });
  await getOnce(quiet.program.port, '/200');
  await quiet.lines();
  for (const message of transitions) assert.equal(quiet.program.logged(message).length, 0, message);
});
