import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { until } from '../../../tests/support/until.ts';
import { textDigest, UNREADABLE } from '../../config/read-files.ts';
import { FileWatch } from './file-watch.ts';

async function watched(context: TestContext, names: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-watch-'));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write('a', 'one');
  const state = { changes: 0, problems: [] as string[] };
  const watch = new FileWatch(
    () => state.changes++,
    (path, code) => state.problems.push(`${path} ${code}`),
  );
  context.after(() => {
    watch.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const follow = (...paths: readonly string[]): Promise<void> =>
    watch.follow(
      paths.map((name) => ({ path: join(folder, name), digest: name === 'a' ? textDigest('one') : UNREADABLE })),
    );
  await follow(...names);
  return { folder, write, state, watch, follow };
}

test('a changed content is told once, however many steps it took', async (t) => {
  const { write, state } = await watched(t, ['a']);
  for (const text of ['t', 'tw', 'two']) write('a', text);
  await until('a change', () => state.changes === 1);
  write('a', 'three');
  await until('another', () => state.changes === 2);
});

test('a touch, a rewrite of the same and a neighbour are no change', async (t) => {
  const { folder, write, state } = await watched(t, ['a']);
  let seen = 0;
  const neighbour = new FileWatch(
    () => seen++,
    () => undefined,
  );
  t.after(() => neighbour.close());
  await neighbour.follow([{ path: join(folder, 'neighbour'), digest: UNREADABLE }]);
  write('a', 'one');
  utimesSync(join(folder, 'a'), 1, 1);
  write('neighbour', 'x');
  await until('the neighbour is seen', () => seen === 1);
  write('a', 'two');
  await until('the change is seen', () => state.changes > 0);
  assert.equal(state.changes, 1);
});

test('a folder in which something happens all the time is looked at all the same', async (t) => {
  const { write, state } = await watched(t, ['a']);
  let round = 0;
  await until('a change', () => {
    write('a', `round ${round++}`);
    return state.changes > 0;
  });
});

test('a file that does not exist yet is seen when it comes, and when it goes', async (t) => {
  const { folder, write, state } = await watched(t, ['a', 'later']);
  write('temporary', 'x');
  renameSync(join(folder, 'temporary'), join(folder, 'later'));
  await until('it came', () => state.changes === 1);
  rmSync(join(folder, 'later'));
  await until('it went', () => state.changes === 2);
});

test('a folder that does not exist is no problem, and other files are watched on', async (t) => {
  const { write, state } = await watched(t, ['a', 'no/such/folder/file']);
  assert.deepEqual(state.problems, []);
  write('a', 'two');
  await until('a change', () => state.changes === 1);
});

test('what is followed no longer is told no longer', async (t) => {
  const { write, state, watch, follow } = await watched(t, ['a', 'b']);
  await follow('b');
  write('a', 'two');
  write('b', 'new');
  await until('the change of b', () => state.changes === 1);
  watch.close();
  assert.equal(state.changes, 1);
});

test('what changed between the reading and the watching is not missed, and told once', async (t) => {
  const { write, state, follow } = await watched(t, ['b']);
  write('a', 'two');
  await follow('a');
  await until('a change', () => state.changes === 1);
  await follow('a');
  assert.equal(state.changes, 1);
});

test('a folder that another one takes the place of is watched there, again and again', async (t) => {
  const { folder, state, watch } = await watched(t, []);
  const replaceBy = (text: string): void => {
    mkdirSync(join(folder, 'next'));
    writeFileSync(join(folder, 'next', 'a'), text);
    rmSync(join(folder, 'conf'), { recursive: true, force: true });
    renameSync(join(folder, 'next'), join(folder, 'conf'));
  };
  replaceBy('one');
  await watch.follow([{ path: join(folder, 'conf', 'a'), digest: textDigest('one') }]);
  replaceBy('two');
  await until('the other folder', () => state.changes === 1);
  writeFileSync(join(folder, 'conf', 'a'), 'three');
  await until('a change in it', () => state.changes === 2);
  replaceBy('four');
  await until('the third folder', () => state.changes === 3);
});

test('a link on the way that is swapped, and a change where it leads to, are changes', async (t) => {
  const { folder, state, watch } = await watched(t, []);
  const link = (name: string): void => {
    symlinkSync(name, join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'current'));
  };
  for (const release of ['1', '2']) {
    mkdirSync(join(folder, release, 'conf'), { recursive: true });
    writeFileSync(join(folder, release, 'conf', 'a'), release);
  }
  link('1');
  await watch.follow([{ path: join(folder, 'current', 'conf', 'a'), digest: textDigest('1') }]);
  link('2');
  await until('the other release', () => state.changes === 1);
  writeFileSync(join(folder, '2', 'conf', 'a'), 'three');
  await until('a change in it', () => state.changes === 2);
});

test('a folder that is gone is seen when it returns, however late and however deep it was', async (t) => {
  const { folder, state, watch } = await watched(t, []);
  const path = join(folder, 'etc', 'app', 'a');
  const put = (text: string): void => {
    mkdirSync(join(folder, 'etc', 'app'), { recursive: true });
    writeFileSync(path, text);
  };
  put('one');
  await watch.follow([{ path, digest: textDigest('one') }]);
  for (const text of ['two', 'three']) {
    const { changes } = state;
    rmSync(join(folder, 'etc'), { recursive: true });
    await until('it is gone', () => state.changes === changes + 1);
    await watch.follow([{ path, digest: UNREADABLE }]);
    put(text);
    await until('it is back', () => state.changes === changes + 2);
  }
  assert.deepEqual(state.problems, []);
});

test('folders that come one by one are seen, too', async (t) => {
  const { folder, write, state, watch } = await watched(t, []);
  await watch.follow([
    { path: join(folder, 'a'), digest: textDigest('one') },
    { path: join(folder, 'x', 'y', 'a'), digest: UNREADABLE },
  ]);
  for (const [step, name] of ['x', 'x/y'].entries()) {
    mkdirSync(join(folder, name));
    write('a', name);
    await until('the folder was looked at', () => state.changes === step + 1);
  }
  writeFileSync(join(folder, 'x', 'y', 'a'), 'one');
  await until('the file', () => state.changes === 3);
});
