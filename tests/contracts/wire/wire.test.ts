import assert from 'node:assert/strict';
import test, { suite } from 'node:test';

import { setDefectSink } from '../../../src/dataplane/wire/fence.ts';
import { HandleWire } from '../../../src/dataplane/wire/handle-wire.ts';
import { selectWire, type WireKind } from '../../../src/dataplane/wire/open.ts';
import { StreamWire } from '../../../src/dataplane/wire/stream-wire.ts';
import { RecordingOwner } from '../../support/recording-owner.ts';
import { until } from '../../support/until.ts';
import { openWirePair } from '../../support/wire-pair.ts';
import { WIRE_CASES } from './wire-cases.ts';
import { RELAY_CASES } from './relay-cases.ts';

const KINDS: readonly WireKind[] = ['handle', 'stream'];

for (const kind of KINDS) {
  const skip = selectWire(kind) === kind ? false : `this runtime has no ${kind} wire`;
  suite(`the ${kind} wire`, { skip }, () => {
    for (const [name, run] of Object.entries({ ...WIRE_CASES, ...RELAY_CASES })) {
      test(name, { timeout: 30_000 }, async (t) => {
        selectWire(kind);
        await run(t);
      });
    }

    test('is the implementation that was asked for', async (t) => {
      selectWire(kind);
      const { wire } = await openWirePair(t, new RecordingOwner());
      assert.ok(wire instanceof (kind === 'handle' ? HandleWire : StreamWire));
    });

    test('reports a throw of its owner and lets the owner end what the wire carries', async (t) => {
      selectWire(kind);
      const defects: unknown[] = [];
      setDefectSink((error) => defects.push(error));
      t.after(() =>
        setDefectSink((error) => {
          throw error;
        }),
      );
      const owner = new RecordingOwner();
      const { wire, peer } = await openWirePair(t, owner);
      owner.onData = () => {
        throw new Error('drill');
      };
      peer.write('boom');
      await until('the defect', () => owner.count('defect') === 1);
      assert.equal((defects[0] as Error).message, 'drill');
      assert.equal(wire.closed, false);
    });
  });
}
