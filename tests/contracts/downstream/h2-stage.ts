import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import type { TestContext } from 'node:test';

import { FrameClient } from '../../support/h2-frames.ts';
import { type HttpBackend, startHttpBackend } from '../../support/http-backend.ts';
import { type Rig, type RigOptions, startRig } from '../../support/rig.ts';

/** What a test of single frames plays with. */
export interface H2Stage {
  readonly rig: Rig;
  readonly backend: HttpBackend;
  readonly client: FrameClient;
}

/** Plays a scene with a client of single frames; nothing may be left afterwards. */
export async function playFrames(
  t: TestContext,
  answer: RequestListener,
  run: (stage: H2Stage) => Promise<void>,
  options: Partial<RigOptions> = {},
): Promise<void> {
  const backend = await startHttpBackend(t, answer);
  const rig = await startRig(t, { ...options, backends: [backend.port], protocol: 'h2c' });
  const client = new FrameClient(rig.port);
  t.after(() => client.destroy());
  await run({ rig, backend, client });
  await rig.untilIdle();
  client.destroy();
  await rig.settle();
  assert.deepEqual(rig.defects, []);
}
