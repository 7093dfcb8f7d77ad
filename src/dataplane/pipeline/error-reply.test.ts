import assert from 'node:assert/strict';
import test from 'node:test';

import { parsedHead } from '../../../tests/support/parsed-head.ts';
import type { ErrorCode } from '../../base/errors/catalogue.ts';
import type { ErrorPage } from '../../config/route-settings.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Reply } from '../exchange/reply.ts';
import { errorReply } from './error-reply.ts';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';
const HTML_PAGE: ErrorPage = {
  status: '5xx',
  contentType: 'text/html; charset=utf-8',
  body: '<h1>{{status}} {{error}}</h1>',
};

function replyTo(
  accept: string | readonly string[] | null,
  pages: readonly ErrorPage[] = [],
  code: ErrorCode = 'backend_timeout',
  requestId = 'id-1',
): Reply {
  const lines = accept === null ? [] : [accept].flat().map((value) => `Accept: ${value}`);
  const exchange = { head: parsedHead('GET /', 'h', lines), requestId, route: { errorPages: pages } };
  return errorReply(exchange as unknown as Exchange, code);
}

const typeOf = (reply: Reply): string => /^Content-Type: ([^\r]*)\r\n/.exec(reply.fields)?.[1] ?? '';

test('without a wish the body is JSON with error, code, status, request_id and timestamp (SPEC B)', () => {
  for (const accept of [null, '*/*', 'image/png', 'application/*', 'text/html;q=0', 'text/*']) {
    const reply = replyTo(accept);
    assert.equal(typeOf(reply), 'application/json', String(accept));
    assert.equal(reply.status, 504);
    const { timestamp, ...rest } = JSON.parse(reply.body) as Record<string, unknown>;
    assert.deepEqual(rest, {
      error: 'The backend did not answer in time',
      code: 'backend_timeout',
      status: 504,
      request_id: 'id-1',
    });
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  }
});

test('problem details are for those who name them, by their quality (RFC 9457)', () => {
  for (const accept of [
    'application/problem+json',
    'application/problem+json, */*',
    'application/json, application/problem+json',
    ['application/json;q=0.5', 'application/problem+json;q=0.6'],
  ]) {
    const reply = replyTo(accept);
    assert.equal(typeOf(reply), 'application/problem+json', String(accept));
    const { timestamp: _, ...rest } = JSON.parse(reply.body) as Record<string, unknown>;
    assert.deepEqual(rest, {
      type: 'about:blank',
      title: 'Gateway Timeout',
      status: 504,
      detail: 'The backend did not answer in time',
      code: 'backend_timeout',
      request_id: 'id-1',
    });
  }
  assert.equal(typeOf(replyTo('application/problem+json;q=0.5, application/json;q=0.6')), 'application/json');
  assert.equal(typeOf(replyTo('application/problem+json;q=0, application/json;q=0.1')), 'application/json');
});

test('a browser gets a small page that loads nothing and escapes what the client sent', () => {
  const reply = replyTo(BROWSER, [], 'backend_timeout', '<script>"&\'');
  assert.equal(typeOf(reply), 'text/html; charset=utf-8');
  assert.match(reply.body, /<h1>504 Gateway Timeout<\/h1>\n<p>The backend did not answer in time\.<\/p>/);
  assert.ok(reply.body.includes('request &lt;script&gt;&quot;&amp;&#39;,'));
  assert.doesNotMatch(reply.body, /<script|src=|href=|url\(/);
});

test("a route's page goes first where it is wanted as much as anything else", () => {
  for (const accept of [null, '*/*', BROWSER]) {
    const reply = replyTo(accept, [HTML_PAGE]);
    assert.equal(typeOf(reply), HTML_PAGE.contentType, String(accept));
    assert.equal(reply.body, '<h1>504 The backend did not answer in time</h1>');
  }
  assert.equal(typeOf(replyTo('application/json, text/plain, */*', [HTML_PAGE])), 'application/json');
  assert.equal(typeOf(replyTo('application/problem+json', [HTML_PAGE])), 'application/problem+json');
});

test("the page of the status goes before that of its class, and another class's page is not for it", () => {
  const page = (status: string): ErrorPage => ({ status, contentType: 'text/plain', body: status });
  assert.equal(replyTo(null, [page('5xx'), page('504')]).body, '504');
  assert.equal(replyTo(null, [page('502'), page('5xx')]).body, '5xx');
  assert.equal(typeOf(replyTo(null, [page('4xx'), page('502')])), 'application/json');
});

test('the placeholders of a page are filled in once, escaped for its type', () => {
  const body = '{{status}}|{{code}}|{{request_id}}|{{other}}';
  const filled = (contentType: string, requestId: string): string =>
    replyTo(null, [{ status: '504', contentType, body }], 'backend_timeout', requestId).body;
  assert.equal(filled('text/plain', '{{status}}$&'), '504|backend_timeout|{{status}}$&|{{other}}');
  assert.equal(filled('Text/HTML; charset=utf-8', '<"'), '504|backend_timeout|&lt;&quot;|{{other}}');
  assert.equal(filled('application/problem+json', 'a"b\\'), '504|backend_timeout|a\\"b\\\\|{{other}}');
});

test('no cache keeps an error, and 405 and overload say what helps', () => {
  for (const reply of [replyTo(null), replyTo(BROWSER, [HTML_PAGE])])
    assert.match(reply.fields, /\r\nCache-Control: no-store\r\nVary: Accept\r\n/);
  assert.match(replyTo(null, [], 'endpoint_method_refused').fields, /\r\nAllow: GET, HEAD\r\n/);
  assert.match(replyTo(null, [], 'overloaded').fields, /\r\nRetry-After: 1\r\n/);
});

test('every answer names the proxy and the reason, where there is no body too (RFC 9209)', () => {
  for (const reply of [replyTo(null, [], 'backend_timeout'), replyTo(BROWSER, [HTML_PAGE], 'backend_timeout')])
    assert.match(reply.fields, /\r\nProxy-Status: rwwwrse; error=http_response_timeout; details="backend_timeout"\r\n/);
});

test('a request that was refused before it had a route gets its answer too', () => {
  const exchange = { head: parsedHead('GET /', 'h'), requestId: 'id-1', route: null };
  assert.equal(errorReply(exchange as unknown as Exchange, 'host_invalid').status, 400);
});
