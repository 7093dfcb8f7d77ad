import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, constants, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { freePort } from '../support/free-port.ts';
import { startHeldBackend } from '../support/held-backend.ts';
import { getOnce, RawConnection } from '../support/http-client.ts';
import { Load } from '../support/load.ts';
import { readMetrics, sumOf } from '../support/metrics.ts';
import { type Program, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';

const LINE =
  /^127\.0\.0\.1 - - \[[^\]]+\] "\S+ \S+ HTTP\/1\.[01]" \d{3} \d+ ".*" ".*" host=".*" backend=".*" request_id="\S+" response_time=\d+ status=\d{3}$/;

function createFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startLogging(
  context: TestContext,
  path: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const backend = await startHeldBackend(context);
  return startProgram(context, {
    env: {
      RWWWRSE_DEFAULT_BACKEND: backend.url,
      RWWWRSE_REQUEST_LOGGING: 'true',
      RWWWRSE_ACCESS_LOG_PATH: path,
      ...env,
    },
  });
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, 'latin1').split('\n').slice(0, -1);
}

async function stop(program: Program): Promise<void> {
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
}

/** Requests as clients send them, and such as are refused before there is a request; with the status of their answer. */
const MIXED: readonly (readonly [string, number])[] = [
  ['GET /plain HTTP/1.1\r\nHost: a\r\n\r\n', 200],
  ['POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody', 200],
  ['HEAD /head HTTP/1.1\r\nHost: a\r\n\r\n', 200],
  ['REPORT /unusual-method HTTP/1.1\r\nHost: a\r\n\r\n', 200],
  ['GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n', 200],
  ['GET /no-host HTTP/1.1\r\n\r\n', 400],
  ['GET /obs-fold HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n', 400],
  ['GET /smuggled HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['nonsense\r\n\r\n', 400],
  ['\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n', 400],
  [`GET /${'x'.repeat(70_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
  [`GET /large HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
];

test('every request over all workers, refused ones included, is counted once and logged once', async (context) => {
  const path = join(createFolder(context), 'access.log');
  const program = await startLogging(context, path);
  const expected = new Map<number, number>();
  let sent = 0;
  const send = async (bytes: string, status: number): Promise<void> => {
    const connection = await new RawConnection(program.port).opened();
    connection.send(bytes);
    await until(`an answer to ${JSON.stringify(bytes.slice(0, 40))}`, () =>
      /^HTTP\/1\.1 (\d{3})/.exec(connection.received),
    );
    assert.equal(Number(connection.received.slice(9, 12)), status, JSON.stringify(bytes.slice(0, 40)));
    connection.destroy();
    expected.set(status, (expected.get(status) ?? 0) + 1);
    sent++;
  };
  for (let round = 0; round < 20; round++) await Promise.all(MIXED.map(([bytes, status]) => send(bytes, status)));

  const metrics = await readMetrics(program.port);
  assert.equal(sumOf(metrics, 'rwwwrse_requests_total'), sent);
  assert.equal(sumOf(metrics, 'rwwwrse_request_duration_seconds_count'), sent);
  for (const [status, count] of expected)
    assert.equal(sumOf(metrics, 'rwwwrse_requests_total', `status="${status}"`), count, `status ${status}`);
  assert.equal(sumOf(metrics, 'rwwwrse_connections_accepted_total'), sent + 1);
  await stop(program);
  const lines = linesOf(path).filter((line) => !line.includes('"GET /metrics '));
  assert.equal(lines.length, sent);
  for (const [status, count] of expected)
    assert.equal(lines.filter((line) => line.endsWith(` status=${status}`)).length, count, `lines of status ${status}`);
});

test('SIGHUP after a rename: the log goes on in a new file and no line is lost', async (context) => {
  const path = join(createFolder(context), 'access.log');
  const program = await startLogging(context, path);
  const load = new Load(context, program.port, 10);
  for (let rotation = 1; rotation <= 3; rotation++) {
    await until('lines are written', () => linesOf(path).length > 50);
    renameSync(path, `${path}.${rotation}`);
    program.signal('SIGHUP');
    const total = load.total;
    await until('the load goes on', () => load.total > total + 200);
    await until('a new file', () => existsWithLines(path));
  }
  await load.stop();
  await stop(program);
  const lines = [path, ...[1, 2, 3].map((rotation) => `${path}.${rotation}`)].flatMap((file) => linesOf(file));
  assert.deepEqual([load.losses, load.wrong], [[], 0]);
  assert.equal(lines.length, load.total);
  assert.equal(new Set(lines.map((line) => /request_id="(\S+)"/.exec(line)?.[1])).size, load.total);
  for (const line of lines) assert.match(line, LINE);
});

test('an access log that cannot be written falls back to stdout with one warning', async (context) => {
  const folder = createFolder(context);
  appendFileSync(join(folder, 'file'), '');
  const program = await startLogging(context, join(folder, 'file/logs/access.log'));
  const warning = await program.untilLogged('the access log cannot be opened; its lines go to stdout');
  assert.deepEqual([warning.level, warning.code], ['WARN', 'ENOTDIR']);
  for (let i = 0; i < 5; i++) assert.equal((await getOnce(program.port, '/to-stdout')).status, 200);
  await stop(program);
  assert.equal(program.stdout.split('\n').filter((line) => LINE.test(line) && line.includes('/to-stdout')).length, 5);
  assert.equal(program.logged('the access log cannot be opened; its lines go to stdout').length, 1);
});

test('a log file on a full disk loses lines, says so once, and stops no traffic', async (context) => {
  const program = await startLogging(context, '/dev/full');
  for (let i = 0; i < 50; i++) assert.equal((await getOnce(program.port, '/full')).status, 200);
  const error = await program.untilLogged('the access log cannot be written; lines are lost');
  assert.equal(error.code, 'ENOSPC');
  for (let i = 0; i < 50; i++) assert.equal((await getOnce(program.port, '/full')).status, 200);
  await stop(program);
  assert.equal(program.logged('the access log cannot be written; lines are lost').length, 1);
});

test('a log pipe without a reader, or with one that hangs, stops neither traffic nor the end of the program', async (context) => {
  const path = join(createFolder(context), 'access.pipe');
  execFileSync('mkfifo', [path]);
  const program = await startLogging(context, path);
  for (let i = 0; i < 20; i++) assert.equal((await getOnce(program.port, '/no-reader')).status, 200);

  assert.equal((await program.untilLogged('the access log cannot be written; lines are lost')).code, 'ENXIO');
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  context.after(() => closeSync(reader));
  const again = await program.untilLogged('the access log is written again');
  assert.equal(again.lines_lost, 0, 'lines wait for a reader');
  const long = 'x'.repeat(8_000);
  // More than the pipe and the ring take together (64 KiB and 1 MiB per worker).
  for (let sent = 0; sent < 5_000_000; sent += 100 * long.length) {
    const answers = await Promise.all(Array.from({ length: 100 }, () => getOnce(program.port, `/${long}`)));
    for (const { status } of answers) assert.equal(status, 200);
  }
  const dropped = sumOf(await readMetrics(program.port), 'rwwwrse_access_log_lines_dropped_total');
  assert.ok(dropped > 0, 'lines were dropped and not counted');
  await stop(program);
  const [lost] = program.logged('access-log lines were lost because their file was too slow or failed');
  assert.ok(Number(lost?.lines) > dropped, 'lines that waited for the pipe at the end are lost, and counted');
});

test('an application log whose reader hangs stops neither traffic nor the end of the program', async (context) => {
  const path = join(createFolder(context), 'app.pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  context.after(() => closeSync(reader));
  const program = await startProgram(context, {
    env: {
      RWWWRSE_LOG_OUTPUT: path,
      RWWWRSE_DEFAULT_BACKEND: `http://127.0.0.1:${await freePort()}`,
      RWWWRSE_CIRCUIT_BREAKER_ENABLED: 'false',
    },
    awaitReady: false,
  });
  await until('it serves', async () => (await getOnce(program.port, '/live')).status === 200);
  const long = 'x'.repeat(1_000);
  // Every answer is an error line; a pipe takes 64 KiB of them.
  for (let i = 0; i < 200; i++) assert.equal((await getOnce(program.port, `/${long}`)).status, 502);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
});

test('an application log on a full disk stops neither traffic nor the end of the program', async (context) => {
  const program = await startProgram(context, { env: { RWWWRSE_LOG_OUTPUT: '/dev/full' }, awaitReady: false });
  await until('it serves', async () => (await getOnce(program.port, '/ready')).status === 200);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.match(program.stderr, /^rwwwrse: the log \/dev\/full cannot be written \(ENOSPC\)\n$/);
});

function existsWithLines(path: string): boolean {
  try {
    return linesOf(path).length > 0;
  } catch {
    return false;
  }
}
