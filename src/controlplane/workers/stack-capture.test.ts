import assert from 'node:assert/strict';
import { once } from 'node:events';
import test, { type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';

import { captureStack } from './stack-capture.ts';

/** A thread that runs `code`; it sets `workerData[0]` where the test wants it to be. */
async function startThread(context: TestContext, code: string): Promise<Worker> {
  const here = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(`const { workerData } = require('node:worker_threads');\n${code}`, {
    eval: true,
    workerData: here,
  });
  context.after(() => worker.terminate());
  for (const deadline = Date.now() + 10_000; Atomics.load(here, 0) === 0;) {
    assert.ok(Date.now() < deadline, 'the thread does not come to its loop');
    await new Promise((resolve) => setImmediate(resolve));
  }
  return worker;
}

test('names the functions of a spinning thread, innermost first, and the thread can be ended afterwards', async (context) => {
  const worker = await startThread(
    context,
    'function inner() { for (;;) workerData[0] = 1; }\nfunction outer() { inner(); }\nouter();',
  );
  const frames = await captureStack(worker.threadId);
  assert.deepEqual(
    frames.slice(0, 2).map(({ functionName }) => functionName),
    ['inner', 'outer'],
  );
  assert.deepEqual(
    frames.slice(0, 2).map(({ line }) => line),
    [2, 3],
  );
  assert.equal(await worker.terminate(), 1);
});

test('a thread that waits lets itself be looked at and goes on', async (context) => {
  const worker = await startThread(
    context,
    'function pause() { workerData[0] = 1; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000); }\npause();\n' +
      "require('node:worker_threads').parentPort.postMessage('went on');",
  );
  const frames = await captureStack(worker.threadId);
  assert.equal(frames[0]?.functionName, 'pause');
  assert.deepEqual(await once(worker, 'message'), ['went on']);
});

test('only the thread that was asked for is looked at', async (context) => {
  const other = await startThread(context, 'function otherSpin() { for (;;) workerData[0] = 1; }\notherSpin();');
  const worker = await startThread(context, 'function ownSpin() { for (;;) workerData[0] = 1; }\nownSpin();');
  assert.equal((await captureStack(worker.threadId))[0]?.functionName, 'ownSpin');
  assert.equal((await captureStack(other.threadId))[0]?.functionName, 'otherSpin');
});

test('gives an empty stack for a thread that does not exist', async () => {
  assert.deepEqual(await captureStack(1_000_000), []);
});
