import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { APPLICATION_LOG } from '../../../tests/support/log-settings.ts';
import { until } from '../../../tests/support/until.ts';
import type { ApplicationLogSettings } from '../../config/resolved-config.ts';
import { openApplicationLog, type OwnedLog } from './application-log.ts';

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-log-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function openIn(context: TestContext, change: Partial<ApplicationLogSettings> = {}): { file: string; log: OwnedLog } {
  const file = join(temporaryFolder(context), 'app.log');
  return { file, log: openApplicationLog({ ...APPLICATION_LOG, output: file, ...change }, assert.fail) };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function textWith(path: string, part: string): Promise<string> {
  await until(`${part} in ${path}`, () => readText(path).includes(part));
  return readText(path);
}

test('a file that cannot be opened is reported, and lines go elsewhere (SPEC A.2)', async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, 'plain'), '');
  const codes: string[] = [];
  openApplicationLog({ ...APPLICATION_LOG, output: join(folder, 'plain', 'app.log') }, (code) => codes.push(code));
  await until('the report', () => codes.length > 0);
  assert.match(codes.join(), /^(?:ENOTDIR|EEXIST)$/);
});

test('a pipe that nobody reads from does not hold up whoever opens or writes the log; a reader gets the lines', async (context) => {
  const path = join(temporaryFolder(context), 'pipe');
  execFileSync('mkfifo', [path]);
  const codes: string[] = [];
  const log = openApplicationLog({ ...APPLICATION_LOG, output: path }, (code) => codes.push(code));
  log.info('kept for the reader');
  await until('the report', () => codes.length > 0);
  assert.deepEqual(codes, ['ENXIO']);
  assert.equal(await log.flush(), false);
  const line = execFileSync('head', ['-n', '1', path], { encoding: 'utf8', timeout: 10_000 });
  assert.match(line, /"msg":"kept for the reader"/);
});

test('lines have time, level in capitals and msg first, and whole values; a reopened file takes the lines after a rename', async (context) => {
  const { file, log } = openIn(context);
  log.debug('below the level');
  log.warn('first ä', { backend: 'b "1"', level: 'forged', msg: 'forged' });
  assert.equal(await log.flush(), true);
  const line = JSON.parse(await textWith(file, 'first')) as Record<string, unknown>;
  assert.match(String(line.time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(Object.entries({ ...line, time: '' }), [
    ['time', ''],
    ['level', 'WARN'],
    ['msg', 'first ä'],
    ['backend', 'b "1"'],
  ]);
  renameSync(file, `${file}.1`);
  log.reopen();
  // Lines that come while the file is being opened go to the old one: nothing is lost, and nothing waits.
  await until('the file is opened anew', () => existsSync(file));
  log.warn('second');
  await textWith(file, 'second');
});

test('an entry of another thread keeps its time and is filtered by the level', async (context) => {
  const { file, log } = openIn(context, { level: 'warn' });
  const entry = { timeMs: 0, message: 'theirs', values: { worker: 1 }, caller: null };
  log.entry({ ...entry, level: 'info' });
  log.entry({ ...entry, level: 'error' });
  const text = await textWith(file, 'theirs');
  assert.equal(text, '{"time":"1970-01-01T00:00:00.000Z","level":"ERROR","msg":"theirs","worker":1}\n');
});

test('a file of the log is begun anew at its size', async (context) => {
  const { file, log } = openIn(context, { rotation: { maxBytes: 4_096, keep: 2 } });
  for (let i = 0; i < 100; i++) log.info(`line ${i}`, { text: 'x'.repeat(60) });
  await textWith(file, 'line 99');
  assert.ok(readText(file).length <= 4_096 && readText(`${file}.1`).length <= 4_096);
  assert.ok(readText(`${file}.2`).length > 0 && !existsSync(`${file}.3`));
});
