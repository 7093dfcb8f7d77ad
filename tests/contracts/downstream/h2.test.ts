import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import test from 'node:test';

import { requestFields } from '../../support/h2-frames.ts';
import { until } from '../../support/until.ts';
import { playFrames } from './h2-stage.ts';

const NO_ERROR = 0;
const INTERNAL_ERROR = 2;
const CANCEL = 8;

for (const [name, answer, body] of [
  ['of known length', (_request, response) => void response.writeHead(200, { 'content-length': 2 }).end('ok'), 'ok'],
  ['of unknown length', (_request, response) => void (response.write('ok'), response.end()), 'ok'],
  ['without a body', (_request, response) => void response.writeHead(204).end(), ''],
] as const satisfies readonly (readonly [string, RequestListener, string])[]) {
  test(`an answer ${name} ends with the end of its stream and no reset (RFC 9113 8.1)`, (t) =>
    playFrames(t, answer, async ({ client }) => {
      client.headers(1, requestFields('GET', '/'), true);
      await until('the end', () => client.hasEnded(1));
      assert.equal(client.bodyOf(1), body);
      client.headers(3, requestFields('GET', '/'), true);
      await until('the end', () => client.hasEnded(3));
      assert.equal(client.resetCodeOf(1), null);
    }));
}

for (const code of [NO_ERROR, CANCEL]) {
  test(`a reset with code ${code} in the middle of an upload is no end of the upload`, (t) => {
    let complete: boolean | null = null;
    const answer: RequestListener = (request) => {
      request.resume();
      request.once('close', () => (complete = request.complete));
    };
    return playFrames(t, answer, async ({ client, backend, rig }) => {
      client.headers(1, requestFields('POST', '/'), false);
      client.data(1, 'half', false);
      await until('the backend has the request', () => backend.requests === 1);
      client.reset(1, code);
      await until('the backend knows', () => complete !== null);
      assert.equal(complete, false);
      await until('the exchange is over', () => rig.statuses.length === 1);
      assert.deepEqual(rig.statuses, [499]);
    });
  });
}

test('a connection that breaks in the middle of an upload is no end of the upload', (t) => {
  let complete: boolean | null = null;
  const answer: RequestListener = (request) => {
    request.resume();
    request.once('close', () => (complete = request.complete));
  };
  return playFrames(t, answer, async ({ client, backend, rig }) => {
    client.headers(1, requestFields('POST', '/'), false);
    client.data(1, 'half', false);
    await until('the backend has the request', () => backend.requests === 1);
    client.destroy();
    await until('the backend knows', () => complete !== null);
    assert.equal(complete, false);
    await until('the exchange is over', () => rig.statuses.length === 1);
    assert.deepEqual(rig.statuses, [499]);
  });
});

test('an early answer is whole, and then the upload is stopped without an error (RFC 9113 8.1)', (t) =>
  playFrames(
    t,
    (_request, response) => void response.writeHead(403, { 'content-length': 6 }).end('denied'),
    async ({ client }) => {
      client.headers(1, requestFields('POST', '/'), false);
      client.data(1, 'x'.repeat(5_000), false);
      await until('the end of the answer', () => client.hasEnded(1));
      await until('the upload is stopped', () => client.resetCodeOf(1) !== null);
      assert.equal(client.bodyOf(1), 'denied');
      assert.equal(client.hasEnded(1), true);
      assert.equal(client.resetCodeOf(1), NO_ERROR);
    },
  ));

test('a request with a length of zero whose end comes later is served', (t) =>
  playFrames(
    t,
    (_request, response) => void response.end('ok'),
    async ({ client }) => {
      client.headers(1, [...requestFields('POST', '/'), ['content-length', '0']], false);
      await until('the answer', () => client.bodyOf(1) === 'ok');
      client.data(1, '', true);
      await client.untilOver(1);
      assert.equal(client.hasEnded(1), true);
    },
  ));

test('a backend that dies in the middle of its answer resets the stream, not the connection', (t) =>
  playFrames(
    t,
    (request, response) => {
      if (request.url === '/good') response.end('good');
      else response.write('some', () => response.destroy());
    },
    async ({ client }) => {
      client.headers(1, requestFields('GET', '/'), true);
      await client.untilOver(1);
      assert.equal(client.resetCodeOf(1), INTERNAL_ERROR);
      assert.equal(client.hasEnded(1), false);
      client.headers(3, requestFields('GET', '/good'), true);
      await until('the next answer', () => client.hasEnded(3));
      assert.equal(client.bodyOf(3), 'good');
    },
  ));

test('streams of one connection do not wait for each other', (t) =>
  playFrames(
    t,
    (request, response) => {
      if (request.url !== '/slow') response.end('fast');
    },
    async ({ client, backend }) => {
      client.headers(1, requestFields('GET', '/slow'), true);
      await until('the backend has the request', () => backend.requests === 1);
      for (let stream = 3; stream < 43; stream += 2) client.headers(stream, requestFields('GET', '/fast'), true);
      await until('all fast answers', () => client.hasEnded(41) && client.hasEnded(3));
      assert.equal(client.hasEnded(1), false);
      client.reset(1, CANCEL);
      await until('the backend request is cancelled', () => backend.cancelled === 1);
    },
  ));
