import assert from 'node:assert/strict';
import test from 'node:test';
import { parseServeFlags } from './serve-flags.ts';

test('the flags that start the proxy are read without the full parser', () => {
  assert.deepEqual(parseServeFlags([]), { configFile: undefined, envFile: undefined });
  assert.deepEqual(parseServeFlags(['--config', 'a.yaml']), { configFile: 'a.yaml', envFile: undefined });
  assert.deepEqual(parseServeFlags(['-c', 'a.yaml', '--env-file=b.env']), { configFile: 'a.yaml', envFile: 'b.env' });
});

test('everything else is left to the full parser: help, unknown flags, missing values, words', () => {
  for (const args of [['--help'], ['--confg', 'a'], ['--config'], ['run'], ['--version', '--config', 'a']]) {
    assert.equal(parseServeFlags(args), null, args.join(' '));
  }
});
