import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import test from 'node:test';

import { freePorts } from '../support/free-port.ts';
import { startHeldBackend } from '../support/held-backend.ts';
import { RawConnection } from '../support/http-client.ts';
import { until } from '../support/until.ts';
import { assertAnswer, assertLogs } from './agreement.ts';
import { startLogged } from './proxy-cases.ts';

const CODE = 'no_local_address';
const PORT_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

/** The last test of the failure codes: it needs a network whose ports it can use up. */
export async function testNoLocalAddress(obstacle: string | null): Promise<void> {
  await test(`answer and logs agree on a failure of the proxy: ${CODE}`, async (t) => {
    if (obstacle !== null) {
      assert.notEqual(process.env['CI'], 'true', obstacle);
      t.skip(`missing: a private machine (${obstacle})`);
      return;
    }
    const backend = await startHeldBackend(t);
    // Two listeners: one local port is enough for a client of each.
    const ports = await freePorts(2);
    const logged = await startLogged(t, {
      listeners: ports.map((port, i) => ({ name: `l${i}`, address: `127.0.0.1:${port}` })),
      routes: { web: { target: backend.url } },
    });
    writeFileSync(PORT_RANGE, '50000 50000');
    const [first, second] = await Promise.all(ports.map((port) => new RawConnection(port).opened()));
    assert.ok(first !== undefined && second !== undefined);
    first.get('/held');
    await until('the one local port is taken', () => backend.waiting === 1);
    second.get('/');
    assertAnswer(CODE, await second.answer());
    assert.equal((await assertLogs(CODE, 'connect', logged)).status, 503);
    for (const client of [first, second]) client.destroy();
  });
}
