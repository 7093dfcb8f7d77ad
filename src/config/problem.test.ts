import assert from 'node:assert/strict';
import test from 'node:test';

import { formatProblem, quoteValue } from './problem.ts';

test('masks what stands before an @, whatever the URL looks like', () => {
  const masked = {
    'http://u:secret@a:80/x': 'http://***@a:80/x',
    'redis://:secret@a': 'redis://***@a',
    'u:secret@a': '***@a',
    '//u:secret@a': '//***@a',
    'http://u:sec/ret@a': 'http://***@a',
    'http://u:sec@ret@a': 'http://***@a',
    'http://a, http://u:secret@b': 'http://a, http://***@b',
  };
  for (const [text, shown] of Object.entries(masked)) assert.equal(quoteValue(text), JSON.stringify(shown));
});

test('masks query and fragment of a URL, and of what was meant as one; no expression', () => {
  const masked = {
    'http://a/?token=secret': 'http://a/?***',
    'http://a?secret': 'http://a?***',
    'http://a/x#secret': 'http://a/x#***',
    'http://u:secret@a/?b=secret http://c?d': 'http://***@a/?*** http://c?***',
    'a.test/?token=secret': 'a.test/?***',
    'a.test?b=1&token=secret': 'a.test?***',
    '^/a(?<id>[0-9]+)$': '^/a(?<id>[0-9]+)$',
    'what? no': 'what? no',
  };
  for (const [text, shown] of Object.entries(masked)) assert.equal(quoteValue(text), JSON.stringify(shown));
});

test('quotes a value on one line and cuts it at 80 characters', () => {
  assert.equal(quoteValue('a\nb\u001b[0m"'), '"a\\nb\\u001b[0m\\""');
  assert.equal(quoteValue('x'.repeat(81)), `"${'x'.repeat(80)}…"`);
  assert.equal(quoteValue('x'.repeat(80)), `"${'x'.repeat(80)}"`);
});

test('names lists and maps without their content', () => {
  assert.deepEqual([['s'], { p: 's' }, null, 7, true].map(quoteValue), ['a list', 'a map', 'nothing', '7', 'true']);
});

test('writes a problem in one line and leaves the origin out when it says nothing new', () => {
  const problem = { severity: 'warning', key: 'A', origin: 'A', message: 'is odd', didYouMean: 'B' } as const;
  assert.equal(formatProblem(problem), 'warning: A: is odd; did you mean B?');
  assert.equal(
    formatProblem({ ...problem, origin: 'f:1', allowed: 'x' }),
    'warning: A (f:1): is odd; allowed: x; did you mean B?',
  );
});

test('writes a problem on one line whatever its key is', () => {
  const problem = { severity: 'error', key: 'a\nb\u001b[0m\u2028', origin: 'f:1', message: 'is odd' } as const;
  assert.equal(formatProblem(problem), String.raw`error: a\u000ab\u001b[0m\u2028 (f:1): is odd`);
});
