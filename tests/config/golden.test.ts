import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { formatProblem } from '../../src/config/problem.ts';
import { CASE_NAMES, caseFile, caseHas, loadCase, readCaseJson } from './cases.ts';

/**
 * The outcome of a case is either `expected.json` (the named parts of the result, with all warnings) or `expected-problems.txt`
 * (every line, in order).
 */
for (const name of CASE_NAMES) {
  test(`configuration case ${name}`, () => {
    const result = loadCase(name);
    const warnings = result.warnings.map(formatProblem);
    if (caseHas(name, 'expected-problems.txt')) {
      const lines =
        'problems' in result ? [...result.problems.map(formatProblem), ...warnings] : ['(accepted)', ...warnings];
      const expected = readFileSync(caseFile(name, 'expected-problems.txt'), 'utf8').trimEnd().split('\n');
      assert.deepEqual(lines, expected);
      return;
    }
    const expected = readCaseJson(name, 'expected.json') as Record<string, unknown>;
    assert.ok(
      'config' in result,
      `refused: ${'problems' in result ? result.problems.map(formatProblem).join('\n') : ''}`,
    );
    const origins = Object.fromEntries([...result.origins].map(([key, origin]) => [key, origin.text]));
    const actual = { config: result.config, hasBackends: result.hasBackends, origins, warnings };
    assert.deepEqual(partLike(actual, { warnings: [], ...expected }), { warnings: [], ...expected });
  });
}

test('no message of any case shows a part of a secret', () => {
  for (const name of CASE_NAMES) {
    const result = loadCase(name);
    const lines = [...('problems' in result ? result.problems : []), ...result.warnings].map(formatProblem);
    assert.doesNotMatch(lines.join('\n'), /s3cr3t|topsecret/, name);
  }
});

test('the variables of every-key-in-env mean what the file of every-key-in-yaml means', () => {
  const [yaml, env] = [loadCase('every-key-in-yaml'), loadCase('every-key-in-env')];
  assert.ok('config' in yaml && 'config' in env);
  const withoutPlaces = ({ settings, traffic }: typeof yaml.config): unknown => ({
    settings,
    traffic: { ...traffic, tests: traffic.tests.map((routing) => ({ ...routing, origin: '' })) },
  });
  assert.deepEqual(withoutPlaces(env.config), withoutPlaces(yaml.config));
});

/** The part of a value that a pattern names: keys of maps that the pattern has, lists whole and item by item. */
function partLike(actual: unknown, pattern: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(pattern))
    return actual.map((item, index) => partLike(item, pattern[index]));
  if (typeof actual !== 'object' || typeof pattern !== 'object' || actual === null || pattern === null) return actual;
  const known = actual as Record<string, unknown>;
  return Object.fromEntries(Object.entries(pattern).map(([key, part]) => [key, partLike(known[key], part)]));
}
