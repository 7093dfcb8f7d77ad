import assert from 'node:assert/strict';
import { lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { loadConfig, type LoadedConfig } from '../../config/load.ts';
import { LastGood } from './last-good.ts';

const WRITTEN = `
default_backend: http://127.0.0.1:3000
hot_reload: false
timeout: 7s
routes:
  api:
    path: /api
    targets: [{ url: "http://127.0.0.1:3001", weight: 3 }, "http://127.0.0.1:3002"]
    timeout: 2m
    retry: { max_attempts: 1 }
  old: { path: /old, redirect: { path: /new } }
`;

function readFile(path: string): string {
  if (path === 'written.yaml') return WRITTEN;
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
}

function loaded(): LoadedConfig {
  const config = loadConfig({ env: {}, flags: { configFile: 'written.yaml' }, readFile });
  if ('problems' in config) throw new Error(JSON.stringify(config.problems));
  return config;
}

function placeOf(context: TestContext): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-last-good-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, path: join(folder, 'last-good.json') };
}

test('what is kept comes back as it was', async (t) => {
  const { path } = placeOf(t);
  const given = loaded();
  await new LastGood(path, '1.0.0').save(given);
  const kept = await new LastGood(path, '1.0.0').read();
  if (typeof kept === 'string') assert.fail(kept);
  assert.deepEqual(kept.loaded.config, given.config);
  assert.deepEqual(kept.loaded.values, given.values);
});

test('only the owner may read what is kept, whatever lay in its way', async (t) => {
  const { folder, path } = placeOf(t);
  writeFileSync(`${path}.next`, 'of a crash, or of somebody else', { mode: 0o644 });
  await new LastGood(path, '1.0.0').save(loaded());
  assert.equal(lstatSync(path).mode & 0o777, 0o600);
  symlinkSync(join(folder, 'elsewhere'), `${path}.next`);
  await new LastGood(path, '1.0.0').save(loaded());
  assert.ok(lstatSync(path).isFile());
  assert.throws(() => readFileSync(join(folder, 'elsewhere')), /ENOENT/);
});
