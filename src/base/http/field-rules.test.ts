import assert from 'node:assert/strict';
import test from 'node:test';

import { FIELD_DROPPED, FIELD_ID, FIELD_OTHER, type KnownFieldName } from './field-names.ts';
import { isEndToEnd, isForbiddenTrailer, REQUEST_NOT_COPIED, RESPONSE_NOT_COPIED } from './field-rules.ts';

const HOP_BY_HOP: readonly KnownFieldName[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

test('fields of one hop are never copied, in either direction (RFC 9110 7.6.1)', () => {
  for (const name of HOP_BY_HOP) {
    assert.equal(REQUEST_NOT_COPIED[FIELD_ID[name]], 1, name);
    assert.equal(RESPONSE_NOT_COPIED[FIELD_ID[name]], 1, name);
  }
});

test('framing is never copied: it is written anew from the parsed body (RFC 9112 6.3)', () => {
  for (const table of [REQUEST_NOT_COPIED, RESPONSE_NOT_COPIED]) {
    assert.deepEqual([table[FIELD_ID['content-length']], table[FIELD_ID['transfer-encoding']]], [1, 1]);
  }
});

test('what a client says of itself in forwarded fields is never copied', () => {
  for (const name of [
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-proto',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-prefix',
    'x-forwarded-by',
    'x-real-ip',
    'host',
  ] as const) {
    assert.equal(REQUEST_NOT_COPIED[FIELD_ID[name]], 1, name);
  }
});

test('fields for all recipients are copied', () => {
  for (const name of ['authorization', 'cookie', 'via', 'user-agent', 'accept', 'range', 'content-type'] as const) {
    assert.equal(REQUEST_NOT_COPIED[FIELD_ID[name]], 0, name);
  }
  for (const name of ['set-cookie', 'location', 'etag', 'content-type', 'date', 'via', 'www-authenticate'] as const) {
    assert.equal(RESPONSE_NOT_COPIED[FIELD_ID[name]], 0, name);
  }
  assert.deepEqual([REQUEST_NOT_COPIED[FIELD_OTHER], RESPONSE_NOT_COPIED[FIELD_OTHER]], [0, 0]);
});

test('dropped lines are never copied', () => {
  assert.deepEqual([REQUEST_NOT_COPIED[FIELD_DROPPED], RESPONSE_NOT_COPIED[FIELD_DROPPED]], [1, 1]);
});

test('Connection may nominate unknown fields and those of one hop, nothing that is for all recipients (RFC 9110 7.6.1)', () => {
  assert.ok(!isEndToEnd(FIELD_OTHER));
  for (const [name, id] of Object.entries(FIELD_ID)) {
    assert.equal(isEndToEnd(id), !HOP_BY_HOP.includes(name as KnownFieldName), name);
  }
});

test('no trailer carries framing, routing, authentication, modifiers or caching (RFC 9110 6.5.1)', () => {
  for (const name of [
    ...HOP_BY_HOP,
    'host',
    'content-length',
    'authorization',
    'cookie',
    'set-cookie',
    'content-type',
    'content-encoding',
    'content-range',
    'cache-control',
    'if-match',
    'range',
    'vary',
    'location',
    'x-forwarded-for',
    'via',
  ] as const) {
    assert.ok(isForbiddenTrailer(FIELD_ID[name]), name);
  }
  assert.ok(isForbiddenTrailer(FIELD_DROPPED));
  assert.ok(!isForbiddenTrailer(FIELD_OTHER));
  assert.ok(!isForbiddenTrailer(FIELD_ID.etag));
});
