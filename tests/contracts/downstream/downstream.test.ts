import assert from 'node:assert/strict';
import test, { suite } from 'node:test';

import type { ListenerSettings } from '../../../src/config/resolved-config.ts';
import type { ContractClient } from '../../support/contract-client.ts';
import { H2ContractClient } from '../../support/h2-contract-client.ts';
import { Http1ContractClient } from '../../support/http1-contract-client.ts';
import { startHttpBackend } from '../../support/http-backend.ts';
import { startRig } from '../../support/rig.ts';
import { ANSWER_CASES } from './answer-cases.ts';
import { FAILURE_CASES } from './failure-cases.ts';
import { LIMIT_CASES } from './limit-cases.ts';
import type { ContractCase } from './stage.ts';
import { UPLOAD_CASES } from './upload-cases.ts';

const CASES: Readonly<Record<string, ContractCase>> = {
  ...ANSWER_CASES,
  ...UPLOAD_CASES,
  ...FAILURE_CASES,
  ...LIMIT_CASES,
};

const PROTOCOLS: Readonly<Record<ListenerSettings['protocol'], (port: number) => ContractClient>> = {
  http1: (port) => new Http1ContractClient(port),
  h2c: (port) => new H2ContractClient(port),
};

for (const [protocol, connect] of Object.entries(PROTOCOLS)) {
  suite(`the ${protocol} listener`, () => {
    for (const [name, { settings, backend: answer, run }] of Object.entries(CASES)) {
      test(name, { timeout: 30_000 }, async (t) => {
        const backend = await startHttpBackend(t, answer);
        const rig = await startRig(t, {
          ...settings,
          backends: [backend.port],
          protocol: protocol as ListenerSettings['protocol'],
        });
        const client = connect(rig.port);
        t.after(() => client.close());
        await run({ rig, backend, client });
        await rig.untilIdle();
        client.close();
        await rig.settle();
        assert.deepEqual(rig.defects, []);
      });
    }
  });
}
