import assert from 'node:assert/strict';
import test from 'node:test';

import type { Explanation } from '../controlplane/explain/explanation.ts';
import { explanationText } from './explanation-text.ts';
import { plainStyle } from './text/style.ts';

const PROXIED: Explanation = {
  request: { method: 'GET', url: 'http://a.test/v1/x', host: 'a.test', path: '/v1/x', ambiguity: null },
  route: 'api',
  refused: null,
  considered: [
    { route: 'api', host: 'a.test', match: 'a.test /v1', verdict: 'taken', reason: 'the longest path' },
    { route: 'web', host: '*', match: '* /', verdict: 'lost', reason: 'less specific' },
  ],
  filters: ['request_id', 'headers'],
  redirect: null,
  upstream: { requestLine: 'GET /x HTTP/1.1', headers: [['Host', '127.0.0.1:9000']] },
  backends: [
    { name: 'http://127.0.0.1:9000', weight: 10, chosen: true },
    { name: 'http://127.0.0.1:9001', weight: 1, chosen: false },
  ],
  balancing: 'round_robin',
};

const BARE: Explanation = { ...PROXIED, route: null, considered: [], filters: [], upstream: null, backends: [] };

test('a proxied request: the answer, every route with its reason, the head for the backend, the backends', () => {
  assert.equal(
    explanationText(PROXIED, plainStyle),
    `GET http://a.test/v1/x
  answer   proxied by route api to http://127.0.0.1:9000
  host     a.test
  path     /v1/x
  filters  request_id, headers

Routes
         ROUTE  MATCH       WHY
  taken  api    a.test /v1  the longest path
  lost   web    * /         less specific

Sent to the backend
  GET /x HTTP/1.1
  Host: 127.0.0.1:9000

Backends (round_robin)
  BACKEND                WEIGHT
  http://127.0.0.1:9000      10  chosen
  http://127.0.0.1:9001       1
`,
  );
});

test('a refusal, a redirect and an own endpoint are told in the first line', () => {
  const refused = { code: 'host_not_configured', status: 404, text: 'No route for this host' };
  const answers = [
    { ...BARE, refused },
    { ...BARE, refused, route: 'api' },
    { ...BARE, redirect: { status: 308, location: 'https://a.test/' }, route: 'web' },
    { ...BARE, refused: { code: 'own_endpoint', status: 200, text: '' } },
  ].map((each) => /answer +(.*)/.exec(explanationText(each, plainStyle))?.[1]);
  assert.deepEqual(answers, [
    'refused with 404 host_not_configured: No route for this host',
    'refused with 404 host_not_configured: No route for this host (route api)',
    'redirect 308 to https://a.test/ by route web',
    'an endpoint of the proxy itself',
  ]);
});

test('a path that can be read in two ways says so', () => {
  const text = explanationText({ ...BARE, request: { ...BARE.request, ambiguity: 'path_double_slash' } }, plainStyle);
  assert.match(text, /path +\/v1\/x \(can be read in two ways: path_double_slash\)/);
});

test('no control character of a URL, a name or a value reaches the terminal', () => {
  const nasty = JSON.parse(
    JSON.stringify(PROXIED).replaceAll(/a\.test|api|127/g, String.raw`$&\u001b[2J`),
  ) as Explanation;
  assert.equal(explanationText(nasty, plainStyle).includes('\u001b'), false);
});
