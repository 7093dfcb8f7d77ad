import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { loadConfig } from '../../src/config/load.ts';
import { createFolder } from '../support/yaml-program.ts';
import { codeBlocks, readPage, ROOT } from './markdown.ts';
import { SUPPORTED_NODE, takeTour } from './tour.ts';

const UNITS = join(ROOT, 'deploy/systemd');
const skip = hasProgram('systemd-analyze') && hasProgram('systemd-socket-activate') ? false : 'MISSING: systemd';

test('every command of docs/systemd.md shows what the page says', { skip, timeout: 60_000 }, async (context) => {
  const blocks = codeBlocks(readPage('docs/systemd.md').text);
  assert.ok(blocks.filter(({ kind }) => kind === 'sh run').length >= 2);
  await takeTour(context, blocks, SUPPORTED_NODE);
});

test('systemd finds nothing wrong with the unit files', { skip }, (context) => {
  const folder = createFolder(context);
  // The program and its user are not installed here, and anything else that is unknown must be told.
  const service = serviceText()
    .replaceAll('/usr/bin/rwwwrse', '/bin/true')
    .replaceAll(/^(User|Group)=.*/gm, '$1=root');
  writeFileSync(join(folder, 'rwwwrse.service'), service);
  copyFileSync(join(UNITS, 'rwwwrse.socket'), join(folder, 'rwwwrse.socket'));
  const files = ['rwwwrse.service', 'rwwwrse.socket'].map((name) => join(folder, name));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
});

test('the unit gives the program more time to stop than the defaults of its drain take, and asks its own control socket', () => {
  const service = serviceText();
  const readFile = (path: string): never => {
    throw Object.assign(new Error(path), { code: 'ENOENT' });
  };
  const loaded = loadConfig({ flags: {}, env: {}, readFile });
  assert.ok('config' in loaded);
  const { shutdownDelayMs, shutdownTimeoutMs, upgradeTimeoutMs } = loaded.config.settings;
  const secondsOf = (name: string): number => Number(new RegExp(`^${name}=(\\d+)s$`, 'm').exec(service)?.[1]);
  assert.ok(secondsOf('TimeoutStopSec') * 1_000 > shutdownDelayMs + shutdownTimeoutMs);
  assert.ok(secondsOf('TimeoutStartSec') * 1_000 > upgradeTimeoutMs);
  const pidFile = /^Environment=RWWWRSE_PID_FILE=(.*)$/m.exec(service)?.[1];
  assert.ok(service.includes(`ExecReload=/usr/bin/rwwwrse reload --socket ${pidFile}.sock\n`));
  assert.doesNotMatch(service, /^MemoryDenyWriteExecute/m);
});

function serviceText(): string {
  return readFileSync(join(UNITS, 'rwwwrse.service'), 'utf8');
}

function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version']).status === 0;
}
