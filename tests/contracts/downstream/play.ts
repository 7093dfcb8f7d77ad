import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import type { ListenerSettings } from '../../../src/config/resolved-config.ts';
import { selectWire, type WireKind } from '../../../src/dataplane/wire/open.ts';
import type { ContractClient } from '../../support/contract-client.ts';
import { H2ContractClient } from '../../support/h2-contract-client.ts';
import { Http1ContractClient } from '../../support/http1-contract-client.ts';
import { startHttpBackend } from '../../support/http-backend.ts';
import { startRig } from '../../support/rig.ts';
import type { ContractCase } from './stage.ts';

/** One implementation of the downstream contract. */
export interface Implementation {
  readonly name: string;
  readonly protocol: ListenerSettings['protocol'];
  readonly wire: WireKind;
  readonly connect: (port: number) => ContractClient;
}

const connectHttp1 = (port: number): ContractClient => new Http1ContractClient(port);

/** HTTP/1.1 in its normal form. */
export const HTTP1: Implementation = { name: 'http1', protocol: 'http1', wire: 'handle', connect: connectHttp1 };
/** HTTP/1.1 over sockets of the public API, as it is with TLS and on runtimes without the fast wire. */
export const HTTP1_STREAM: Implementation = { ...HTTP1, name: 'http1 over public streams', wire: 'stream' };
/** HTTP/2 in clear text. */
export const H2C: Implementation = {
  name: 'h2c',
  protocol: 'h2c',
  wire: 'handle',
  connect: (port) => new H2ContractClient(port),
};

/**
 * Plays a case on a rig of its own. Whatever the case did, nothing may be left afterwards: no request, no connection on either
 * side, no byte held, and no throw that the case did not announce.
 */
export async function playContract(t: TestContext, on: Implementation, played: ContractCase): Promise<void> {
  selectWire(on.wire);
  const backend = await startHttpBackend(t, played.backend);
  const rig = await startRig(t, { ...played.settings, backends: [backend.port], protocol: on.protocol });
  const client = on.connect(rig.port);
  t.after(() => client.close());
  await played.run({ rig, backend, client });
  await rig.untilIdle();
  client.close();
  await rig.settle();
  assert.equal(rig.defects.length, played.defects ?? 0, String(rig.defects));
}
