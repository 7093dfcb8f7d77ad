import assert from 'node:assert/strict';
import test from 'node:test';

import { CATALOGUE } from '../errors/catalogue.ts';
import { FIELD_VALUE_BYTE } from './bytes.ts';
import { reasonPhrase } from './status-text.ts';

test('reason phrases are those of the registry (RFC 9110 15)', () => {
  assert.equal(reasonPhrase(200), 'OK');
  assert.equal(reasonPhrase(404), 'Not Found');
  assert.equal(reasonPhrase(431), 'Request Header Fields Too Large');
  assert.equal(reasonPhrase(499), 'Client Closed Request');
});

test('an unknown status has an empty phrase', () => {
  for (const status of [0, 99, 299, 599, 999, -1, Number.NaN]) assert.equal(reasonPhrase(status), '', String(status));
});

test('every status of the error catalogue has a phrase that may stand in a status line', () => {
  for (const [code, { status }] of Object.entries(CATALOGUE)) {
    const phrase = reasonPhrase(status);
    assert.notEqual(phrase, '', code);
    for (const byte of Buffer.from(phrase, 'latin1')) assert.equal(FIELD_VALUE_BYTE[byte], 1, code);
  }
});
