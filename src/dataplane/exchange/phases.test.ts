import assert from 'node:assert/strict';
import test from 'node:test';

import type { Exchange } from './exchange.ts';
import { Phases } from './phases.ts';

type Clocks = Pick<
  Exchange,
  'startedMs' | 'firstAttemptMs' | 'attemptMs' | 'openingMs' | 'sentMs' | 'uploadedMs' | 'answeredMs' | 'body'
>;

const BODY = {} as Exchange['body'];
const UNTRIED: Clocks = {
  startedMs: 100,
  firstAttemptMs: 0,
  attemptMs: 0,
  openingMs: 0,
  sentMs: 0,
  uploadedMs: 0,
  answeredMs: 0,
  body: null,
};

/** The phases of an exchange that ends at 200. */
function phasesAt(clocks: Partial<Clocks>): Phases {
  const phases = new Phases();
  phases.read({ ...UNTRIED, ...clocks } as Exchange, 200);
  return phases;
}

function reached({ before, retries, queue, connect, upload, firstByte, body }: Phases): number[] {
  return [before, retries, queue, connect, upload, firstByte, body].filter((ms) => ms >= 0);
}

test('an exchange that no backend was asked for has spent its time before', () => {
  const phases = phasesAt({});
  assert.deepEqual([phases.before, phases.current], [100, 'request']);
  assert.deepEqual(reached(phases), [100]);
});

test('each phase is the time between two events, and the one that an exchange ends in is named', () => {
  const cases: readonly (readonly [Partial<Clocks>, readonly number[], string])[] = [
    [{ firstAttemptMs: 110, attemptMs: 110 }, [10, 0, 90], 'queue'],
    [{ firstAttemptMs: 110, attemptMs: 110, openingMs: 120 }, [10, 0, 10, 80], 'connect'],
    [{ firstAttemptMs: 110, attemptMs: 110, openingMs: 120, sentMs: 140 }, [10, 0, 10, 20, 0, 60], 'first_byte'],
    [{ firstAttemptMs: 110, attemptMs: 110, sentMs: 110, body: BODY }, [10, 0, 0, 0, 90, 0], 'upload'],
    [
      {
        firstAttemptMs: 110,
        attemptMs: 130,
        openingMs: 131,
        sentMs: 133,
        uploadedMs: 143,
        answeredMs: 173,
        body: BODY,
      },
      [10, 20, 1, 2, 10, 30, 27],
      'body',
    ],
  ];
  for (const [clocks, expected, current] of cases) {
    const phases = phasesAt(clocks);
    assert.deepEqual([reached(phases), phases.current], [expected, current]);
  }
});

test('an answer that overtakes the body of its request leaves the backend no time of its own', () => {
  for (const uploadedMs of [0, 180]) {
    const phases = phasesAt({
      firstAttemptMs: 110,
      attemptMs: 110,
      sentMs: 110,
      uploadedMs,
      answeredMs: 150,
      body: BODY,
    });
    assert.deepEqual(reached(phases), [10, 0, 0, 0, 40, 0, 50]);
  }
});

test('phases are read anew: nothing of the exchange before stays', () => {
  const phases = phasesAt({ firstAttemptMs: 110, attemptMs: 110, openingMs: 111, sentMs: 112, answeredMs: 120 });
  phases.read(UNTRIED as Exchange, 200);
  assert.deepEqual(reached(phases), [100]);
});
