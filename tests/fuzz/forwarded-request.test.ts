import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { cut } from './compare.ts';
import { generateCase } from './generate-case.ts';
import { judgeRequests, LLHTTP_METHODS } from './llhttp.ts';
import { type Lease, MemoryProxy } from './memory-proxy.ts';
import type { ParsedMessage } from './parsed-message.ts';
import { randomOfCase } from './random.ts';
import {
  asksForTunnel,
  endsAtProxy,
  hasBody,
  HOP_BY_HOP,
  nominatedNames,
  OWN,
  type SentRequest,
  sentRequest,
  textOf,
} from './sent-request.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const SEED = 20_260_101;
const PROPERTY_RUNS = 3000;
const FUZZ_CASES = 8000;

test('what is forwarded reads as exactly one request, with the same method, target, fields and body', () => {
  fc.assert(fc.property(sentRequest, checkForwarded), { numRuns: PROPERTY_RUNS, seed: SEED });
});

test('whatever the fuzzer brings past the proxy reads as one request per lease, for a lenient and a strict backend', () => {
  let leases = 0;
  for (let index = 0; index < FUZZ_CASES; index++) {
    const random = randomOfCase(SEED, index);
    const input = generateCase(random);
    if (input.kind !== 'request') continue;
    const proxy = new MemoryProxy({ trusted: random.chance(50), answer: ANSWER });
    for (const piece of cut(Buffer.from(input.text, 'latin1'), input.cuts)) proxy.deliver(piece);
    proxy.client.deliverEnd();
    for (const lease of proxy.leases) assertOneRequest(lease, JSON.stringify(input.text));
    leases += proxy.leases.length;
  }
  assert.ok(leases > FUZZ_CASES / 4, `only ${leases} requests got to a backend`);
});

function checkForwarded(request: SentRequest): void {
  const proxy = new MemoryProxy({ trusted: request.trusted, answer: ANSWER });
  for (const piece of cut(Buffer.from(textOf(request), 'latin1'), request.cuts)) proxy.deliver(piece);
  if (endsAtProxy(request) || hasUnreadablePath(request) || (asksForTunnel(request) && hasBody(request))) {
    assert.equal(proxy.leases.length, 0);
    return;
  }
  assert.equal(proxy.leases.length, 1, proxy.client.text);
  const { wire, backend } = proxy.leases[0] as Lease;
  const { messages, refused } = backend.reading;
  assert.equal(refused, null, wire.text);
  assert.equal(messages.length, 1, wire.text);
  const message = messages[0] as ParsedMessage;
  assert.ok(message.complete, wire.text);
  assert.deepEqual([message.method, normalForm(message.target)], [request.method, normalForm(request.target)]);
  assert.equal(message.minorVersion, 1);
  assert.equal(message.body, request.body ?? '');
  assertCopied(request, message);
  assertOwnFields(message, asksForTunnel(request));
}

/** Paths that are refused even where a route passes ambiguous ones: no text could be their second reading. */
function hasUnreadablePath({ target }: SentRequest): boolean {
  const path = target.split('?')[0] as string;
  return /%(?![0-9A-Fa-f]{2})|%00|%(?:c[01]%[89ab]|e0%[89]|f0%8|f[89a-f]%[89ab])[0-9a-f]/i.test(path);
}

/** A target in which equal paths are equal texts (RFC 3986 6.2.2); the query stays as it is. */
function normalForm(target: string): string {
  const [path = '', ...query] = target.split('?');
  const decoded = path.replaceAll(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const char = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(char) ? char : escape.toUpperCase();
  });
  return [decoded, ...query].join('?');
}

/** What the client's fields must have become: those for all recipients untouched and in order, nothing of one hop. */
function assertCopied(request: SentRequest, message: ParsedMessage): void {
  const gone = nominatedNames(request);
  const kept = request.fields.filter(([key]) => {
    const lower = key.toLowerCase();
    if (request.method === 'OPTIONS' && lower === 'max-forwards') return false;
    return !HOP_BY_HOP.has(lower) && !OWN.has(lower) && !gone.has(lower);
  });
  // The lenient reader decodes ASCII: the high bit of other bytes is lost in its strings, not on the wire.
  const expected = kept.map(([key, text]) => `${key}: ${text.replaceAll('é', 'i')}`);
  const received = message.fields.map(([key, text]) => `${key}: ${text}`);
  assert.deepEqual(received.slice(1, 1 + expected.length), expected);
}

function assertOwnFields(message: ParsedMessage, tunnel: boolean): void {
  const names = message.fields.map(([key]) => key.toLowerCase());
  const count = (wanted: string): number => names.filter((key) => key === wanted).length;
  assert.equal(names[0], 'host');
  for (const once of ['host', 'x-forwarded-for', 'x-real-ip', 'x-forwarded-host', 'x-request-id']) {
    assert.equal(count(once), 1, once);
  }
  assert.equal(count('upgrade'), tunnel ? 1 : 0);
  assertHop(message, JSON.stringify(message));
}

/** Of the fields of one hop there are those that the proxy itself has something to say with, once each. */
function assertHop(message: ParsedMessage, text: string): void {
  const lines = message.fields.map(([key, value]) => [key.toLowerCase(), value.toLowerCase()] as const);
  const values = (name: string): string[] => lines.filter(([key]) => key === name).map(([, value]) => value);
  const framing = [...values('content-length'), ...values('transfer-encoding')];
  assert.ok(framing.length <= 1, `more than one framing field in ${text}`);
  for (const value of values('transfer-encoding')) assert.equal(value, 'chunked');
  for (const value of values('te')) assert.equal(value, 'trailers');
  const said = [...values('te').map(() => 'te'), ...values('upgrade').map(() => 'upgrade')];
  const options = values('connection').flatMap((value) => value.split(', '));
  assert.deepEqual(options, said, text);
  assert.equal(new Set(said).size, said.length, text);
  const allowed = new Set(['connection', 'te', 'upgrade', 'transfer-encoding']);
  for (const [key] of lines) assert.ok(allowed.has(key) || !HOP_BY_HOP.has(key), `${key} was forwarded: ${text}`);
  assert.equal(values('host').length, 1, text);
}

function assertOneRequest({ wire, backend }: Lease, text: string): void {
  const method = wire.text.slice(0, wire.text.indexOf(' '));
  const known = LLHTTP_METHODS.has(method);
  const strict = judgeRequests(Buffer.from(known ? wire.text : `POST${wire.text.slice(method.length)}`, 'latin1'));
  assert.equal(strict.messages.length, 1, `${text}: ${strict.refused}`);
  const message = strict.messages[0] as ParsedMessage;
  assertHop(message, text);
  const { messages, refused } = backend.reading;
  if (refused !== null) {
    // Its own limits, not a second reading: a closed list of methods, and obs-text that its ASCII strings turn into line ends.
    const excused = !known || method === 'QUERY' || /[\x8a\x8d]/.test(wire.text);
    assert.ok(excused, `${refused}: ${text}`);
    return;
  }
  assert.equal(messages.length, 1, text);
  assert.equal(messages[0]?.complete, message.complete, text);
  if (message.complete) assert.equal(messages[0]?.body, message.body, text);
}
