import assert from 'node:assert/strict';
import test from 'node:test';

import { styleFor } from './style.ts';

function looks(isTTY: boolean, env: Record<string, string>): string {
  return styleFor({ isTTY }, env)('bad', 'x');
}

test('colours only on a terminal', () => {
  assert.equal(looks(true, {}), '\u001b[31mx\u001b[39m');
  assert.equal(looks(false, {}), 'x');
  assert.equal(looks(true, { TERM: 'dumb' }), 'x');
});

test('NO_COLOR with any value takes them away, an empty one does not (no-color.org)', () => {
  assert.equal(looks(true, { NO_COLOR: '1', FORCE_COLOR: '1' }), 'x');
  assert.equal(looks(true, { NO_COLOR: '0' }), 'x');
  assert.notEqual(looks(true, { NO_COLOR: '' }), 'x');
});

test('FORCE_COLOR asks for them in a pipe, an empty one does not (force-color.org)', () => {
  assert.notEqual(looks(false, { FORCE_COLOR: '1' }), 'x');
  assert.equal(looks(false, { FORCE_COLOR: '' }), 'x');
  assert.notEqual(looks(true, { FORCE_COLOR: '' }), 'x');
  for (const no of ['0', 'false']) assert.equal(looks(true, { FORCE_COLOR: no }), 'x');
});
