import assert from 'node:assert/strict';
import test from 'node:test';

import { type SampledThread, type ThreadSample, ThreadSamples } from './thread-samples.ts';

const SAMPLE: ThreadSample = {
  cpuSeconds: 1,
  loopActiveMs: 100,
  loopIdleMs: 300,
  heapUsedBytes: 1,
  heapTotalBytes: 2,
  heapPhysicalBytes: 3,
  heapLimitBytes: 4,
  externalBytes: 5,
};

function threadWith(ordinal: number, answers: readonly (ThreadSample | 'gone' | 'busy')[]): SampledThread {
  let asked = 0;
  return {
    ordinal,
    sample() {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer === 'gone') return Promise.reject(new Error('gone'));
      return answer === 'busy' ? new Promise(() => undefined) : Promise.resolve(answer as ThreadSample);
    },
  };
}

test('main comes first, then the workers in their order', async () => {
  const samples = new ThreadSamples(() => [threadWith(1, [SAMPLE]), threadWith(0, [SAMPLE])]);
  await samples.refresh();
  assert.deepEqual(
    samples.values.map(({ thread }) => thread),
    ['main', 'worker-0', 'worker-1'],
  );
});

test('utilisation is the busy share of the time between two samples; a replaced worker begins anew', async () => {
  const later = { ...SAMPLE, loopActiveMs: 190, loopIdleMs: 310 };
  const replaced = { ...SAMPLE, loopActiveMs: 1, loopIdleMs: 1 };
  const samples = new ThreadSamples(() => [worker]);
  const worker = threadWith(0, [SAMPLE, later, replaced]);
  const seen: (number | undefined)[] = [];
  for (let i = 0; i < 3; i++) {
    await samples.refresh();
    seen.push(samples.values[1]?.utilization);
  }
  assert.deepEqual(seen, [0.25, 0.9, 0.5]);
});

test('a thread that does not answer keeps its last sample, and the others are not held up', async () => {
  const threads = [threadWith(0, [SAMPLE, 'busy']), threadWith(1, [SAMPLE, { ...SAMPLE, cpuSeconds: 2 }])];
  const samples = new ThreadSamples(() => threads);
  await samples.refresh();
  await samples.refresh();
  assert.deepEqual(
    samples.values.slice(1).map(({ sample }) => sample.cpuSeconds),
    [1, 2],
  );
});

test('a thread that is gone leaves no sample', async () => {
  let threads = [threadWith(0, [SAMPLE])];
  const samples = new ThreadSamples(() => threads);
  await samples.refresh();
  threads = [];
  await samples.refresh();
  assert.equal(samples.values.length, 1);
  const dying = new ThreadSamples(() => [threadWith(0, ['gone'])]);
  await dying.refresh();
  assert.equal(dying.values.length, 1);
});
