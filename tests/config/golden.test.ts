import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';

/**
 * A case is a folder: `config.yaml`, `env.json`, `flags.json` and `vars.env` are the sources, all optional; the outcome is either
 * `expected.json` (the named parts of the result, with all warnings) or `expected-problems.txt` (every line, in order).
 */
const CASES = join(import.meta.dirname, 'cases');

for (const name of readdirSync(CASES).toSorted()) {
  test(`configuration case ${name}`, () => {
    const folder = join(CASES, name);
    const result = loadCase(folder);
    const warnings = result.warnings.map(formatProblem);
    if (existsSync(join(folder, 'expected-problems.txt'))) {
      const lines =
        'problems' in result ? [...result.problems.map(formatProblem), ...warnings] : ['(accepted)', ...warnings];
      assert.deepEqual(lines, readFileSync(join(folder, 'expected-problems.txt'), 'utf8').trimEnd().split('\n'));
      return;
    }
    const expected = readJson(join(folder, 'expected.json')) as Record<string, unknown>;
    assert.ok(
      'config' in result,
      `refused: ${'problems' in result ? result.problems.map(formatProblem).join('\n') : ''}`,
    );
    const origins = Object.fromEntries([...result.origins].map(([key, origin]) => [key, origin.text]));
    const actual = { config: result.config, hasBackends: result.hasBackends, origins, warnings };
    assert.deepEqual(partLike(actual, { warnings: [], ...expected }), { warnings: [], ...expected });
  });
}

test('the case every-key-in-yaml has every key that a file may have', () => {
  const result = loadCase(join(CASES, 'every-key-in-yaml'));
  assert.ok('config' in result);
  const unset = [...result.origins].filter(([, { layer }]) => layer === 'default').map(([key]) => key);
  assert.deepEqual(unset, ['listeners']);
});

function loadCase(folder: string): ReturnType<typeof loadConfig> {
  const has = (file: string): boolean => existsSync(join(folder, file));
  return loadConfig({
    flags: {
      configFile: has('config.yaml') ? 'config.yaml' : undefined,
      envFile: has('vars.env') ? 'vars.env' : undefined,
      values: has('flags.json') ? (readJson(join(folder, 'flags.json')) as Record<string, string>) : {},
    },
    env: has('env.json') ? (readJson(join(folder, 'env.json')) as Record<string, string>) : {},
    readFile: (path) => readFileSync(join(folder, path), 'utf8'),
  });
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The part of a value that a pattern names: keys of maps that the pattern has, lists whole and item by item. */
function partLike(actual: unknown, pattern: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(pattern))
    return actual.map((item, index) => partLike(item, pattern[index]));
  if (typeof actual !== 'object' || typeof pattern !== 'object' || actual === null || pattern === null) return actual;
  const known = actual as Record<string, unknown>;
  return Object.fromEntries(Object.entries(pattern).map(([key, part]) => [key, partLike(known[key], part)]));
}
