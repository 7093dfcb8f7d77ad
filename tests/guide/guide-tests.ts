import { spawnSync } from 'node:child_process';
import test from 'node:test';

import { testCommands } from './command-tests.ts';
import { realMachineObstacle, startStage } from './guide-stage.ts';
import { testSettings } from './setting-tests.ts';

const PROGRAMS = ['bash', 'curl', 'netstat', 'pgrep', 'top', 'script'];

/**
 * Registers the tests.
 *
 * @param obstacle null on a private machine; else why there is none
 */
export async function testGuide(obstacle: string | null): Promise<void> {
  await test('the Operations Guide holds word for word', async (context) => {
    const missing = missingPrograms();
    const taken = obstacle === null ? null : await realMachineObstacle();
    if (missing !== '') context.skip(`missing: ${missing}`);
    else if (taken !== null) context.skip(`missing: a private machine (${obstacle}), and on this one ${taken}`);
    else await run(context, obstacle === null);
  });
}

async function run(context: test.TestContext, isPrivate: boolean): Promise<void> {
  const stage = await startStage(context, isPrivate);
  await testCommands(context, stage);
  await testSettings(context, stage);
}

function missingPrograms(): string {
  const isMissing = (name: string): boolean => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0;
  return PROGRAMS.filter(isMissing).join(', ');
}
