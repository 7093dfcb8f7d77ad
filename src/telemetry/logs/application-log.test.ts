import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { until } from '../../../tests/support/until.ts';
import { openApplicationLog } from './application-log.ts';

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-log-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a file that cannot be opened is reported once and lines go elsewhere (SPEC A.2)', async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, 'plain'), '');
  const codes: string[] = [];
  const log = openApplicationLog(
    { level: 'error', format: 'json', output: join(folder, 'plain', 'app.log'), stackTrace: false },
    (code) => codes.push(code),
  );
  log.info('below the level');
  await log.flush();
  assert.equal(codes.length, 1);
  assert.match(codes[0] as string, /^(?:ENOTDIR|EEXIST)$/);
});

test('lines have upper-case levels and whole values; a reopened file takes the lines after a rename (SPEC E.2)', async (context) => {
  const file = join(temporaryFolder(context), 'app.log');
  const log = openApplicationLog({ level: 'info', format: 'json', output: file, stackTrace: false }, assert.fail);
  const lineIn = async (path: string, text: string): Promise<Record<string, unknown>> => {
    for (const deadline = Date.now() + 5_000; Date.now() < deadline;) {
      await log.flush();
      const line = readText(path)
        .split('\n')
        .find((each) => each.includes(text));
      if (line !== undefined) return JSON.parse(line) as Record<string, unknown>;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`no line with ${text} in ${path}`);
  };
  log.warn('first', { backend: 'b "1"' });
  assert.deepEqual(
    { ...(await lineIn(file, 'first')), time: '' },
    { level: 'WARN', time: '', backend: 'b "1"', msg: 'first' },
  );
  renameSync(file, `${file}.1`);
  log.reopen();
  // Lines that come while the file is being opened go to the old one: nothing is lost, and nothing waits.
  await until('the file is opened anew', () => existsSync(file));
  log.warn('second');
  await lineIn(file, 'second');
});

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
