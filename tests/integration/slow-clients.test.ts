import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import test from 'node:test';

import { startHttpBackend } from '../support/http-backend.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const STEP_BYTES = 1_024;
const MOST_STEPS = 16_384;

function requestText(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: slow.test\r\n\r\n`;
}

/** A client that sends and never reads. */
function openDeaf(rig: Rig, text: string): Socket {
  const socket = connect({ host: '127.0.0.1', port: rig.port });
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(text);
  return socket;
}

/** Whether the backend is done with its answer while the client still has to take the end of it. */
function lastWriteWaits({ gauges }: Rig): boolean {
  return gauges.requests === 1 && gauges.upstreamIdle === 1;
}

test('a backend connection whose answer ends in a write that has to wait serves the next request at once', async (t) => {
  const backend = await startHttpBackend(t, (request, response) => {
    const bytes = Number(/\d+/.exec(request.url ?? '')?.[0]);
    response.end(Buffer.alloc(bytes, 'x'));
  });
  const rig = await startRig(t, { backends: [backend.port], responseTimeoutMs: 1_000 });
  // What the kernel buffers between proxy and client is not known: the length whose last read does not fit is searched.
  let fits = 2;
  let tooLong = MOST_STEPS;
  let found = false;
  while (!found && tooLong - fits > 1) {
    const steps = (fits + tooLong) >> 1;
    const client = openDeaf(rig, requestText(`/${steps * STEP_BYTES}`));
    const before = rig.statuses.length;
    await until('the answer stopped or ended', () => {
      const { bufferedBytes, upstreamIdle } = rig.gauges;
      return rig.statuses.length > before || (bufferedBytes > 0 && client.bytesRead >= 0 && isSteady(upstreamIdle));
    });
    found = lastWriteWaits(rig);
    if (found) {
      const next = await fetch(`http://127.0.0.1:${rig.port}/5`);
      assert.equal(next.status, 200);
      assert.equal(await next.text(), 'xxxxx');
    } else if (rig.gauges.requests === 0) {
      fits = steps;
    } else {
      tooLong = steps;
    }
    client.destroy();
    await rig.untilIdle();
  }
  assert.ok(found, 'no length was found whose last write has to wait');
  assert.deepEqual(rig.defects, []);
});

let looks = 0;
let last = -1;
function isSteady(value: number): boolean {
  looks = value === last ? looks + 1 : 0;
  last = value;
  return looks > 5;
}
