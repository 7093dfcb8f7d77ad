import assert from 'node:assert/strict';
import test from 'node:test';

import { LINE_LIMIT_BYTES } from '../control/control-message.ts';
import { reloadAnswer } from './reload-answer.ts';

const LONG = '"http://backend.example:8080" → '.repeat(20);

test('an answer fits into one line of the control socket, however much there is to tell', () => {
  const lines = Array.from({ length: 150 }, () => LONG);
  const changes = (['reload', 'restart'] as const).flatMap((needs) =>
    lines.map((change, i) => ({ key: `routes.r${i}`, change, needs })),
  );
  const taken = reloadAnswer({ status: 'applied', changes, warnings: lines, durationMs: 1 });
  const refused = reloadAnswer({ status: 'refused', problems: lines, durationMs: 1 });
  for (const answer of [taken, refused]) assert.ok(Buffer.byteLength(JSON.stringify(answer)) < LINE_LIMIT_BYTES);
  assert.equal(taken.details?.['warnings_count'], 150);
  assert.equal(refused.details?.['problems_count'], 150);
});
