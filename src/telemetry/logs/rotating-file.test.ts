import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { RotatingFile } from './rotating-file.ts';

/** Opens a log in a process of its own, since it may hang. */
const OPEN = `import(process.argv[1]).then(({ RotatingFile }) => {
  try { new RotatingFile(process.argv[2], { maxBytes: 0, keep: 1 }); } catch (error) { process.stdout.write(error.code); }
})`;

function pathIn(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-log-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'a', 'access.log');
}

function writeAll(file: RotatingFile, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += file.write(bytes, at);
}

const read = (path: string): string => readFileSync(path, 'utf8');

test('a file is begun anew before it outgrows its size; the youngest old files stay, lines are whole', (context) => {
  const path = pathIn(context);
  const file = new RotatingFile(path, { maxBytes: 10, keep: 2 });
  writeAll(file, 'aaaa\nbbbb\ncccc\ndddd\n');
  writeAll(file, 'eeee\n');
  writeAll(file, 'ffff\ngggg\n');
  file.close();
  assert.deepEqual([read(path), read(`${path}.1`), read(`${path}.2`)], ['gggg\n', 'eeee\nffff\n', 'cccc\ndddd\n']);
  assert.equal(existsSync(`${path}.3`), false);
});

test('where no folder can be made, opening fails with the code of the system', { timeout: 10_000 }, () => {
  const rotation = { maxBytes: 0, keep: 1 };
  assert.throws(() => new RotatingFile('/dev/null/log/access.log', rotation), { code: 'ENOTDIR' });
  assert.throws(() => new RotatingFile('/dev/null/access.log', rotation), { code: 'ENOTDIR' });
  const child = spawnSync(
    process.execPath,
    ['-e', OPEN, new URL('./rotating-file.ts', import.meta.url).href, '/proc/none/there/access.log'],
    { encoding: 'utf8', timeout: 5_000 },
  );
  assert.equal(child.stdout, 'ENOENT', 'the runtime makes folders below /proc for ever');
});

test('a line that is longer than a file may be has a file of its own; a line in two pieces is not split', (context) => {
  const path = pathIn(context);
  const file = new RotatingFile(path, { maxBytes: 10, keep: 3 });
  writeAll(file, 'aaaa\n0123456789abcdef\nbbbb\n');
  writeAll(file, 'cc');
  writeAll(file, 'cccccccc\ndddd\n');
  file.close();
  const files = [`${path}.3`, `${path}.2`, `${path}.1`, path].map(read);
  assert.deepEqual(files, ['aaaa\n', '0123456789abcdef\n', 'bbbb\ncccccccccc\n', 'dddd\n']);
});

test('a file that another process moved is opened anew and moved by nobody', (context) => {
  const path = pathIn(context);
  const file = new RotatingFile(path, { maxBytes: 10, keep: 3 });
  writeAll(file, 'aaaa\nbbbb\n');
  renameSync(path, `${path}.1`);
  const other = new RotatingFile(path, { maxBytes: 10, keep: 3 });
  writeAll(other, 'cc\n');
  writeAll(file, 'dddd\n');
  assert.deepEqual([read(path), read(`${path}.1`), existsSync(`${path}.2`)], ['cc\ndddd\n', 'aaaa\nbbbb\n', false]);
});

test('without a size a file grows; an old one is continued', (context) => {
  const path = pathIn(context);
  for (const text of ['aaaa\n', 'bbbb\n']) {
    const file = new RotatingFile(path, { maxBytes: 0, keep: 1 });
    writeAll(file, text);
    file.close();
  }
  assert.equal(read(path), 'aaaa\nbbbb\n');
});

test('the beginning of a line that was given up is ended', (context) => {
  const path = pathIn(context);
  const file = new RotatingFile(path, { maxBytes: 0, keep: 1 });
  writeAll(file, 'aa');
  file.endLine();
  file.endLine();
  writeAll(file, 'b\n');
  assert.equal(read(path), 'aa\nb\n');
});

test('a pipe that nobody reads from is refused at once', { timeout: 10_000 }, (context) => {
  const path = join(pathIn(context), '..', '..', 'pipe');
  execFileSync('mkfifo', [path]);
  assert.throws(() => new RotatingFile(path, { maxBytes: 0, keep: 1 }), { code: 'ENXIO' });
});
