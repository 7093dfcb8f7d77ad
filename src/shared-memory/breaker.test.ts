import assert from 'node:assert/strict';
import test from 'node:test';

import { BREAKER as SETTINGS, BreakerStage as Stage } from '../../tests/support/breaker-stage.ts';
import { BackendGates } from './backend-gates.ts';
import { REFUSED } from './breaker.ts';

test('failures in a row over all workers open it; a success between them does not let them add up', () => {
  const stage = new Stage();
  for (const [worker, outcome] of ['failed', 'failed', 'succeeded', 'failed', 'failed'].entries()) {
    const breaker = stage.at(worker);
    if (outcome === 'failed') breaker.failed(breaker.admit(), 'reset');
    else breaker.succeeded(breaker.admit());
  }
  assert.equal(stage.main.state, 'closed');
  assert.equal(stage.at(3).failures, 2);
  stage.at(2).failed(stage.at(2).admit(), 'reset');
  for (const breaker of stage.breakers) {
    assert.equal(breaker.state, 'open');
    assert.equal(breaker.isAdmitting, false);
    assert.equal(breaker.admit(), REFUSED);
  }
  assert.deepEqual(stage.told, [{ kind: 'breaker', from: 'closed', to: 'open', failures: 3, reason: 'reset' }]);
});

test('after its time it lets as many trials through at a time as it may, whoever asks; enough successes close it', () => {
  const stage = new Stage();
  stage.open();
  stage.nowMs += SETTINGS.openMs - 1;
  assert.equal(stage.at(0).admit(), REFUSED);
  stage.nowMs += 1;
  assert.equal(stage.at(0).isAdmitting, true);
  const [first, second] = [stage.at(0).admit(), stage.at(1).admit()];
  assert.ok(first !== REFUSED && second !== REFUSED);
  assert.deepEqual([stage.at(2).admit(), stage.at(2).isAdmitting], [REFUSED, false]);
  stage.at(0).succeeded(first);
  const third = stage.at(2).admit();
  assert.notEqual(third, REFUSED, 'one has come back');
  stage.at(2).succeeded(third);
  assert.equal(stage.main.state, 'closed');
  stage.at(1).failed(second, 'reset');
  assert.deepEqual([stage.main.failures, stage.trials], [0, 0], 'the trial ended after it was closed');
  assert.deepEqual(stage.turns(), ['open', 'half_open', 'closed']);
});

test('a trial that fails opens it again for the whole time', () => {
  const stage = new Stage();
  stage.open();
  stage.nowMs += SETTINGS.openMs;
  stage.at(1).failed(stage.at(1).admit(), 'timeout');
  assert.equal(stage.main.state, 'open');
  stage.nowMs += SETTINGS.openMs - 1;
  assert.equal(stage.at(1).admit(), REFUSED);
  stage.nowMs += 1;
  assert.notEqual(stage.at(1).admit(), REFUSED);
});

test('a request that began before a turn counts for nothing after it', () => {
  const stage = new Stage();
  const [early, earlyFailure, earlySuccess] = [stage.at(0).admit(), stage.at(0).admit(), stage.at(0).admit()];
  stage.open();
  stage.nowMs += SETTINGS.openMs;
  const trial = stage.at(1).admit();
  stage.at(0).failed(early, 'timeout');
  assert.equal(stage.main.state, 'half_open', 'it is no trial');
  stage.at(0).succeeded(earlySuccess);
  stage.at(1).succeeded(trial);
  assert.equal(stage.main.state, 'half_open', 'one of two trials succeeded');
  stage.at(1).succeeded(stage.at(1).admit());
  assert.equal(stage.main.state, 'closed');
  stage.at(0).failed(earlyFailure, 'timeout');
  assert.equal(stage.main.failures, 0);
  for (let i = 0; i < 2; i++) stage.at(1).failed(stage.at(1).admit(), 'reset');
  stage.at(0).failed(earlyFailure, 'timeout');
  stage.at(0).succeeded(earlyFailure);
  assert.equal(stage.main.failures, 2, 'nor does it disturb the count');
});

test('a trial that says nothing only makes room', () => {
  const stage = new Stage();
  stage.open();
  stage.nowMs += SETTINGS.openMs;
  for (let i = 0; i < 10; i++) stage.at(i).withdrawn(stage.at(i).admit());
  assert.deepEqual([stage.main.state, stage.trials], ['half_open', 0]);
});

test('trials of a worker that dies are given back, and no others', () => {
  const stage = new Stage();
  stage.open();
  stage.nowMs += SETTINGS.openMs;
  stage.at(0).admit();
  const living = stage.at(1).admit();
  new BackendGates(stage.regions).reclaim(0);
  assert.equal(stage.trials, 1);
  assert.notEqual(stage.at(2).admit(), REFUSED);
  assert.equal(stage.at(2).admit(), REFUSED);
  new BackendGates(stage.regions).reclaim(2);
  stage.at(1).succeeded(living);
  assert.equal(stage.trials, 0);
});

test('main turns it half-open when no request comes, and only then', () => {
  const stage = new Stage();
  stage.main.sweep();
  stage.open();
  stage.nowMs += SETTINGS.openMs - 1;
  stage.main.sweep();
  assert.equal(stage.main.state, 'open');
  stage.nowMs += 1;
  stage.main.sweep();
  stage.main.sweep();
  assert.deepEqual(stage.turns(), ['open', 'half_open']);
});

test('a sign that the backend is well again makes an open one half-open before its time, and changes no other', () => {
  const stage = new Stage();
  stage.main.shorten();
  assert.equal(stage.main.state, 'closed');
  stage.open();
  stage.main.shorten();
  stage.main.shorten();
  assert.deepEqual(stage.turns(), ['open', 'half_open']);
  assert.notEqual(stage.at(0).admit(), REFUSED);
  stage.main.force('forced_open');
  stage.main.shorten();
  assert.equal(stage.main.state, 'forced_open');
});

test('an operator opens it for good and closes it, with and without settings of its own', () => {
  for (const settings of [SETTINGS, null]) {
    const stage = new Stage(settings);
    stage.main.force('forced_open');
    stage.main.force('forced_open');
    stage.nowMs += 100 * SETTINGS.openMs;
    stage.main.sweep();
    assert.deepEqual(
      [stage.at(0).admit(), stage.at(0).isAdmitting, stage.at(0).state],
      [REFUSED, false, 'forced_open'],
    );
    stage.main.force('closed');
    assert.notEqual(stage.at(0).admit(), REFUSED);
    assert.deepEqual(stage.turns(), ['forced_open', 'closed']);
  }
});

test('without settings no failure opens it', () => {
  const stage = new Stage(null);
  for (let i = 0; i < 100; i++) stage.at(i).failed(stage.at(i).admit(), 'reset');
  assert.deepEqual([stage.main.state, stage.told.length], ['closed', 0]);
});

test('a thread whose clock was read before the breaker opened does not take its time for over', () => {
  const stage = new Stage();
  stage.open();
  stage.nowMs -= 3;
  assert.equal(stage.at(0).admit(), REFUSED);
});

test('its times may come round: over the ends of 30, 31 and 32 bits', () => {
  for (const endMs of [2 ** 30, 2 ** 31, 2 ** 32, 2 ** 40]) {
    const stage = new Stage(SETTINGS, endMs - 500);
    stage.open();
    stage.nowMs += SETTINGS.openMs - 1;
    assert.equal(stage.at(0).admit(), REFUSED, String(endMs));
    stage.nowMs += 1;
    stage.at(0).succeeded(stage.at(0).admit());
    stage.at(1).succeeded(stage.at(1).admit());
    assert.equal(stage.main.state, 'closed', String(endMs));
  }
});

test('open for more than six days is open for six days: later its time could not be told from one that lies ahead', () => {
  const day = 24 * 3_600_000;
  const stage = new Stage({ ...SETTINGS, openMs: 20 * day });
  stage.open();
  stage.nowMs += 6 * day - 1;
  assert.equal(stage.at(0).admit(), REFUSED);
  stage.nowMs += 1;
  stage.main.sweep();
  assert.equal(stage.main.state, 'half_open');
});
