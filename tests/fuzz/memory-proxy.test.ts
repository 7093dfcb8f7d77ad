import assert from 'node:assert/strict';
import test from 'node:test';

import { RequestHeadParser } from '../../src/base/http1/request-head-parser.ts';
import { ResponseHeadParser } from '../../src/base/http1/response-head.ts';
import type { UpstreamOwner } from '../../src/dataplane/exchange/upstream.ts';
import { TimerWheel } from '../../src/base/time/timer-wheel.ts';
import { type ConnectionPool, Http1UpstreamConnection } from '../../src/dataplane/upstream/http1/connection.ts';
import { TEST_ORIGIN } from '../support/connection-origin.ts';
import { MemoryWire } from '../support/memory-wire.ts';
import { MemoryProxy } from './memory-proxy.ts';
import { readRequests } from './read-requests.ts';
import { readResponses } from './read-responses.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const HEAD_ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';

function send(text: string, answer = ANSWER): MemoryProxy {
  const proxy = new MemoryProxy({ trusted: false, answer });
  proxy.deliver(Buffer.from(text, 'latin1'));
  return proxy;
}

test('a refused head is answered on its own, not by what the request before it was', () => {
  assert.match(send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n', HEAD_ANSWER).client.text, /Content-Length: 2\r\n\r\n$/);
  const refused = send('no request at all\r\n\r\n').client.text;
  assert.match(refused, /^HTTP\/1\.1 400 /);
  const length = Number(/Content-Length: (\d+)/.exec(refused)?.[1]);
  assert.equal(refused.slice(refused.indexOf('\r\n\r\n') + 4).length, length);
});

for (const [title, first] of [
  ['without a body', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
]) {
  test(`bytes behind an answer ${title} never answer the request that gets the connection next`, () => {
    const heads: number[] = [];
    let leasedAgain = false;
    const pool: ConnectionPool = {
      wheel: new TimerWheel(0),
      idleTimeoutMs: 1000,
      bodyIdleTimeoutMs: 1000,
      connectionIdle(connection) {
        if (leasedAgain) return;
        leasedAgain = true;
        connection.sendRequest(ownerOf(heads, 2), 'GET /2 HTTP/1.1\r\n\r\n', FRAMING);
      },
      connectionOver: () => undefined,
    };
    const connection = new Http1UpstreamConnection((owner) => new MemoryWire(owner), pool, TEST_ORIGIN);
    connection.sendRequest(ownerOf(heads, 1), 'GET /1 HTTP/1.1\r\n\r\n', FRAMING);
    const wire = connection.wire as MemoryWire;
    wire.deliver(Buffer.from(`${first}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`, 'latin1'));
    assert.deepEqual(heads, [1]);
    assert.ok(wire.closed);
  });
}

const FRAMING = {
  headRequest: false,
  hasBody: false,
  chunked: false,
  expectsContinue: false,
  upgrade: null,
  responseTimeoutMs: 1000,
};

function ownerOf(heads: number[], number: number): UpstreamOwner {
  return {
    upstreamInformational: () => undefined,
    upstreamHead: () => void heads.push(number),
    upstreamData: () => undefined,
    upstreamEnd: () => undefined,
    upstreamUpgraded: (_head, side) => side,
    upstreamFailed: () => undefined,
    upstreamBlocked: () => undefined,
    upstreamDrained: () => undefined,
  };
}

test('a head that comes byte by byte is parsed at its first and its last byte, not at every one', (context) => {
  const padding = `X-Padding: ${'a'.repeat(500)}\r\n`.repeat(4);
  const calls = {
    request: context.mock.method(RequestHeadParser.prototype, 'parse').mock,
    response: context.mock.method(ResponseHeadParser.prototype, 'parse').mock,
  };
  const bytewise = (text: string): Buffer[] => Array.from(text, (char) => Buffer.from(char, 'latin1'));
  const request = readRequests(bytewise(`GET / HTTP/1.1\r\nHost: a\r\n${padding}\r\n`));
  const response = readResponses(bytewise(`HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${padding}\r\n`), false);
  assert.deepEqual([request.messages[0]?.complete, response.messages[0]?.complete], [true, true]);
  assert.deepEqual([calls.request.callCount(), calls.response.callCount()], [2, 2]);
});
