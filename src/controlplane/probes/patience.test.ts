import assert from 'node:assert/strict';
import test from 'node:test';

import { Patience } from './patience.ts';

function standStill(ms: number): void {
  for (const endMs = performance.now() + ms; performance.now() < endMs;);
}

/** How often it was over, from the begin to an event loop that has seen everything. */
async function timesOver(begin: (over: () => void) => Patience | null): Promise<number> {
  let count = 0;
  begin(() => count++);
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 400);
  await promise;
  return count;
}

test('it is over once: in time, and after a moment in which the thread stood still, too', async () => {
  assert.equal(await timesOver((over) => new Patience(20, over)), 1);
  assert.equal(
    await timesOver((over) => {
      const patience = new Patience(20, over);
      standStill(100);
      return patience;
    }),
    1,
  );
});

test('a thread that stands still gets time to hear what came meanwhile, and not more than once', async () => {
  const { promise: over, resolve } = Promise.withResolvers<string>();
  new Patience(50, () => resolve('over'));
  const { promise: heard, resolve: hear } = Promise.withResolvers<string>();
  standStill(100);
  setTimeout(() => setImmediate(() => hear('heard')), 1);
  assert.equal(await Promise.race([over, heard]), 'heard');
  standStill(100);
  assert.equal(await over, 'over');
});

test('what is stopped is never over, before it expired and while it waits once more', async () => {
  assert.equal(
    await timesOver((over) => {
      new Patience(20, over).stop();
      return null;
    }),
    0,
  );
  assert.equal(
    await timesOver((over) => {
      const patience = new Patience(50, over);
      setTimeout(() => setImmediate(() => patience.stop()), 1);
      standStill(100);
      return patience;
    }),
    0,
  );
});
