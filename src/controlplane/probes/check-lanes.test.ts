import assert from 'node:assert/strict';
import test from 'node:test';

import { until } from '../../../tests/support/until.ts';
import { CheckLanes } from './check-lanes.ts';

interface Held {
  readonly name: string;
  readonly end: () => void;
}

/** Checks that run until they are told to end. */
function rig(limits: { fast: number; slow: number; slowAfterMs: number }) {
  const lanes = new CheckLanes(limits);
  const running: Held[] = [];
  const done: string[] = [];
  const start = (name: string, isSlow = false): Promise<void> =>
    lanes
      .run(() => {
        const { promise, resolve } = Promise.withResolvers<void>();
        running.push({ name, end: resolve });
        return promise;
      }, isSlow)
      .then(() => void done.push(name));
  const names = (): string[] => running.map(({ name }) => name);
  const end = (name: string): void => running.find((held) => held.name === name)?.end();
  return { start, names, end, done };
}

const NEVER_MS = 3_600_000;

test('no more checks are under way than the bound, and the others follow in their order', async () => {
  const { start, names, end } = rig({ fast: 2, slow: 9, slowAfterMs: NEVER_MS });
  const all = ['a', 'b', 'c', 'd'].map((name) => start(name));
  await until('two run', () => names().length === 2);
  assert.deepEqual(names(), ['a', 'b']);
  end('b');
  await until('the next one runs', () => names().length === 3);
  assert.deepEqual(names(), ['a', 'b', 'c']);
  for (const name of ['a', 'c']) end(name);
  await until('the last one runs', () => names().length === 4);
  end('d');
  await Promise.all(all);
});

test('checks that hang make room for the others', async () => {
  const { start, names, end, done } = rig({ fast: 1, slow: 2, slowAfterMs: 5 });
  const hanging = [start('hangs'), start('hangs too')];
  await until('both have their turn', () => names().length === 2);
  const quick = start('quick');
  await until('another one runs beside them', () => names().includes('quick'));
  end('quick');
  await quick;
  assert.deepEqual(done, ['quick']);
  for (const name of ['hangs', 'hangs too']) end(name);
  await Promise.all(hanging);
  const again = start('again');
  await until('all places are free again', () => names().includes('again'));
  end('again');
  await again;
});

test('a check that hung before takes no place from the quick ones, and is bounded on its own', async () => {
  const { start, names, end } = rig({ fast: 1, slow: 1, slowAfterMs: NEVER_MS });
  const slow = [start('slow', true), start('slower', true)];
  const quick = start('quick');
  await until('the quick one runs', () => names().includes('quick'));
  assert.deepEqual(names(), ['slow', 'quick']);
  end('slow');
  await until('then the next slow one', () => names().includes('slower'));
  for (const name of ['quick', 'slower']) end(name);
  await Promise.all([...slow, quick]);
});

test('when as many hang as may hang, no more are begun', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const { start, names, end } = rig({ fast: 1, slow: 1, slowAfterMs: 5 });
  const all = ['a', 'b', 'c'].map((name) => start(name));
  const rest = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
  await rest();
  for (let i = 0; i < 3; i++) {
    context.mock.timers.tick(5);
    await rest();
  }
  assert.deepEqual(names(), ['a', 'b']);
  end('a');
  await rest();
  context.mock.timers.tick(5);
  await rest();
  assert.deepEqual(names(), ['a', 'b', 'c']);
  for (const name of ['b', 'c']) end(name);
  await Promise.all(all);
});

test('a check that throws leaves its place', async () => {
  const lanes = new CheckLanes({ fast: 1, slow: 1, slowAfterMs: NEVER_MS });
  for (const isSlow of [false, true]) {
    await assert.rejects(
      lanes.run(() => Promise.reject(new Error('defect')), isSlow),
      /defect/,
    );
    assert.equal(await lanes.run(() => Promise.resolve('next'), isSlow), 'next');
  }
});
