import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const RUNNER = join(import.meta.dirname, 'run-tests.ts');
const IMPORT = "import { after, before, describe, it, test } from 'node:test';\n";

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-tests-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly status: number | null;
  readonly lines: readonly string[];
  readonly lastLine: string | undefined;
}

function run(files: Readonly<Record<string, string>>, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Run {
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), IMPORT + source);
  }
  const { status, stdout } = spawnSync(process.execPath, [RUNNER, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CI: '', ...env },
  });
  const lines = stdout.trimEnd().split('\n');
  return { status, lines, lastLine: lines.at(-1) };
}

describe('test runner', () => {
  it('ends with one line that sums all files, todo counted as skipped and suites not counted', () => {
    const { status, lastLine } = run({
      'src/a.test.ts': "describe('s', () => { it('x', () => {}); it('y', { skip: 'why' }, () => {}); it.todo('z'); });",
      'tests/top.test.ts': "test('x', () => {});",
      'tests/integration/deep/b.test.ts': "test('x', () => {});",
      'tests/system/c.test.ts': "test('x', () => {});",
    });
    assert.equal(lastLine, '4 passed, 0 failed, 2 skipped');
    assert.equal(status, 0);
  });

  it('fails with the error and the output of a failed test', () => {
    const { status, lines, lastLine } = run({
      'src/a.test.ts':
        "describe('s', () => { it('x', () => { console.log('printed'); throw new Error('broken'); }); });",
    });
    assert.equal(lastLine, '0 passed, 1 failed, 0 skipped');
    assert.equal(status, 1);
    for (const expected of [/✖ s > x$/, /Error: broken$/, /^ +printed$/]) {
      assert.ok(
        lines.some((line) => expected.test(line)),
        String(expected),
      );
    }
  });

  it('names the suite whose own hook fails although its tests pass', () => {
    const { lines } = run({
      'src/a.test.ts': "describe('s', () => { after(() => { throw new Error('no'); }); it('x', () => {}); });",
    });
    assert.ok(lines.some((line) => line.endsWith('✖ s')));
    assert.equal(lines.at(-1), '1 passed, 1 failed, 0 skipped');
  });

  const brokenFiles = {
    'a failing hook of a suite':
      "describe('s', () => { before(() => { throw new Error('no'); }); it('x', () => {}); });",
    'a failing hook of the file': "after(() => { throw new Error('no'); }); test('x', () => {});",
    'a file without a test': '',
    'a file that exits before its tests are over':
      "test('x', () => {}); test('y', async () => { for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate); process.exit(0); });",
    'an exit status without a failed test': "test('x', () => {}); process.on('exit', () => { process.exitCode = 3; });",
    'an error after the tests are over':
      "test('x', () => {}); setImmediate(() => setImmediate(() => { throw new Error('late'); }));",
    'a file that does not parse': 'this is no program',
  };
  for (const [name, source] of Object.entries(brokenFiles)) {
    it(`counts ${name} as a failure`, () => {
      const { status, lastLine } = run({ 'src/a.test.ts': source });
      assert.match(lastLine ?? '', /^\d passed, [1-9] failed, 0 skipped$/);
      assert.equal(status, 1);
    });
  }

  it('kills a file that hangs, even in a loop, together with what it started', async () => {
    const pidFile = join(folder, 'pid');
    const { status, lines, lastLine } = run(
      {
        'src/a.test.ts': `import { spawn } from 'node:child_process';
          import { writeFileSync } from 'node:fs';
          process.on('SIGTERM', () => {});
          test('x', () => { writeFileSync(${JSON.stringify(pidFile)}, String(spawn('sleep', ['600'], { stdio: 'inherit' }).pid)); for (;;); });`,
      },
      [],
      { TEST_FILE_TIMEOUT_MS: '2000' },
    );
    assert.equal(lastLine, '0 passed, 1 failed, 0 skipped');
    assert.equal(status, 1);
    assert.ok(lines.some((line) => line.includes('did not end within 2000 ms')));
    const pid = readFileSync(pidFile, 'utf8');
    await waitUntil(() => !isRunning(pid));
  });

  it('treats a test skipped for a missing program as failed in CI only', () => {
    const files = { 'src/a.test.ts': "test('x', () => {}); test('y', { skip: 'missing: pebble' }, () => {});" };
    assert.deepEqual(pick(run(files)), { status: 0, lastLine: '1 passed, 0 failed, 1 skipped' });
    assert.deepEqual(pick(run(files, [], { CI: 'true' })), { status: 1, lastLine: '1 passed, 1 failed, 0 skipped' });
  });

  it('names every skipped test with its reason', () => {
    const { lines } = run({
      'src/a.test.ts': "test('x', () => {}); test('y', { skip: 'missing: pebble' }, () => {});",
    });
    assert.ok(lines.includes('skipped: y: missing: pebble'));
  });

  it('fails when no test was run, be it for a filter that matches nothing', () => {
    const files = { 'src/a.test.ts': "test('x', () => {});" };
    assert.deepEqual(pick(run(files, ['nothing'])), { status: 1, lastLine: '0 passed, 0 failed, 0 skipped' });
    assert.deepEqual(pick(run(files, ['--name', 'nothing'])), { status: 1, lastLine: '0 passed, 0 failed, 0 skipped' });
  });

  it('selects files by a part of their name, tests by a pattern, and every file in exactly one shard', () => {
    const files = Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [`src/${name}.test.ts`, `test('${name}', () => {});`]),
    );
    assert.equal(run(files, ['src/b']).lastLine, '1 passed, 0 failed, 0 skipped');
    assert.equal(run(files, ['--name', '^c$']).lastLine, '1 passed, 0 failed, 0 skipped');
    assert.equal(run(files, ['--shard', '1/2']).lastLine, '2 passed, 0 failed, 0 skipped');
    assert.equal(run(files, ['--shard', '2/2']).lastLine, '1 passed, 0 failed, 0 skipped');
    assert.equal(run(files, ['--shard', '3/2']).status, 1);
  });
});

/** A zombie has ended; only its parent has not looked yet. */
function isRunning(pid: string): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).stdout.trim();
  return state !== '' && !state.startsWith('Z');
}

async function waitUntil(isTrue: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 5000; !isTrue(); await delay(20))
    assert.ok(Date.now() < deadline, 'deadline passed');
}

function pick({ status, lastLine }: Run): Omit<Run, 'lines'> {
  return { status, lastLine };
}
