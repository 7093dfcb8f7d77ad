import assert from 'node:assert/strict';
import test from 'node:test';

import { FIELD_ID, type KnownFieldName } from './field-names.ts';
import { REQUEST_NOT_COPIED } from './field-rules.ts';
import { ownForwardedFields } from './forwarded-fields.ts';

const PARTS = { chain: '192.0.2.1, 10.0.0.1', client: '192.0.2.1', proto: 'http', port: '8080', via: 'rwwwrse-x' };

test('the backend is told client, chain, protocol, port and way (SPEC B, upstream request headers)', () => {
  assert.deepEqual(ownForwardedFields(PARTS).split('\r\n'), [
    'X-Forwarded-For: 192.0.2.1, 10.0.0.1',
    'X-Real-IP: 192.0.2.1',
    'X-Forwarded-Proto: http',
    'X-Forwarded-Port: 8080',
    'X-Forwarded-By: rwwwrse',
    'Via: 1.1 rwwwrse-x',
  ]);
});

test('every field that is written but Via replaces what the client sent', () => {
  for (const line of ownForwardedFields(PARTS).split('\r\n')) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase() as KnownFieldName;
    assert.equal(REQUEST_NOT_COPIED[FIELD_ID[name]], name === 'via' ? 0 : 1, name);
  }
});
