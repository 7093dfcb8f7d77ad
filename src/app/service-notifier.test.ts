import assert from 'node:assert/strict';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { createFolder } from '../../tests/support/yaml-program.ts';
import type { ApplicationLog } from '../telemetry/logs/application-log.ts';
import { ServiceNotifier } from './service-notifier.ts';

test('a message for which no process can be started is one warning, and the next one is sent', async (context) => {
  const folder = createFolder(context);
  writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\n: > ${folder}/"$1"\n`);
  chmodSync(join(folder, 'systemd-notify'), 0o755);
  const warnings: unknown[] = [];
  const log = { warn: (_message: string, values: unknown) => warnings.push(values) } as unknown as ApplicationLog;
  const notifier = new ServiceNotifier({ NOTIFY_SOCKET: '/nobody', PATH: folder }, log);
  // As when memory is short (ENOMEM), Node throws instead of telling later.
  await notifier.send('STATUS=\0');
  await notifier.send('WATCHDOG=1');
  assert.deepEqual(warnings, [{ problem: 'ERR_INVALID_ARG_VALUE' }]);
  assert.equal(existsSync(join(folder, 'WATCHDOG=1')), true);
});
