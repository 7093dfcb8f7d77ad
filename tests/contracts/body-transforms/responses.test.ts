import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test, { suite } from 'node:test';
import { createGunzip, gunzipSync } from 'node:zlib';

import type { Filter } from '../../../src/dataplane/exchange/filter.ts';
import { gzipFilter, TeeTransform, teeFilter, TransformCounts } from '../../support/body-filters.ts';
import { ByteSum } from '../../support/byte-stream.ts';
import { until, untilSteady } from '../../support/until.ts';
import { H2C, HTTP1, playContract } from '../downstream/play.ts';
import {
  ask,
  assertWhole,
  collectBody,
  Download,
  IN_BETWEEN_BYTES,
  LONG_BYTES,
  untilEnd,
} from '../downstream/stage.ts';

for (const implementation of [HTTP1, H2C]) {
  suite(`transforms of answers behind ${implementation.name}`, () => {
    test('an answer is transformed, and its length is not told', async (t) => {
      const counts = new TransformCounts();
      const body = randomBytes(500_000).toString('base64');
      await playContract(t, implementation, {
        settings: { filters: [gzipFilter(counts)] },
        backend: (_request, response) => void response.writeHead(200, { 'content-length': body.length }).end(body),
        run: async ({ client }) => {
          const stream = client.open({ path: '/' });
          const pieces = collectBody(stream);
          assertWhole(await untilEnd(stream), 200);
          assert.equal(stream.answer.fields['content-encoding'], 'gzip');
          assert.equal(stream.answer.fields['content-length'], undefined);
          assert.equal(gunzipSync(Buffer.concat(pieces)).toString() === body, true);
        },
      });
      assert.equal(counts.made, 1);
      assert.equal(counts.ended, 1);
    });

    test('trailers pass behind a transformed body', async (t) => {
      await playContract(t, implementation, {
        settings: { filters: [gzipFilter(new TransformCounts())] },
        backend: (_request, response) => {
          response.writeHead(200, { trailer: 'x-checksum' });
          response.write('body');
          response.addTrailers({ 'x-checksum': 'abc' });
          response.end();
        },
        run: async (stage) => {
          const answer = await ask(stage, { path: '/', fields: { te: 'trailers' } });
          assertWhole(answer, 200);
          assert.deepEqual(answer.trailers, { 'x-checksum': 'abc' });
        },
      });
    });

    test('an answer without a body stays without a body', async (t) => {
      const counts = new TransformCounts();
      await playContract(t, implementation, {
        settings: { filters: [gzipFilter(counts)] },
        backend: (request, response) => {
          const status = Number(request.url?.slice(1));
          response.writeHead(status, status === 200 ? { 'content-length': 0 } : {});
          response.end();
        },
        run: async (stage) => {
          for (const [method, path] of [
            ['HEAD', '/200'],
            ['GET', '/204'],
            ['GET', '/304'],
            ['GET', '/200'],
          ] as const) {
            const answer = await ask(stage, { method, path });
            assertWhole(answer, Number(path.slice(1)));
            assert.equal(answer.body.length, 0);
          }
        },
      });
    });

    test('an empty body of unknown length is transformed', async (t) => {
      await playContract(t, implementation, {
        settings: { filters: [gzipFilter(new TransformCounts())] },
        backend: (_request, response) => {
          response.flushHeaders();
          response.end();
        },
        run: async ({ client }) => {
          const stream = client.open({ path: '/' });
          const pieces = collectBody(stream);
          assertWhole(await untilEnd(stream), 200);
          assert.equal(gunzipSync(Buffer.concat(pieces)).length, 0);
        },
      });
    });

    test('a slow client stops the transform and the backend, and gets everything later', async (t) => {
      const download: { now: Download | null } = { now: null };
      await playContract(t, implementation, {
        settings: { filters: [gzipFilter(new TransformCounts())] },
        backend: (_request, response) => {
          download.now = new Download(response, LONG_BYTES);
        },
        run: async ({ client, rig }) => {
          const stream = client.open({ path: '/' });
          stream.pause();
          const sum = new ByteSum();
          const gunzip = createGunzip().on('data', (piece: Buffer) => sum.add(piece));
          const add = stream.answer.add.bind(stream.answer);
          stream.answer.add = (piece) => {
            gunzip.write(piece);
            add(piece);
          };
          const left = await untilSteady('what left the backend', () => download.now?.sentBytes || null);
          assert.ok(left < IN_BETWEEN_BYTES, `${left} bytes left the backend`);
          assert.ok(rig.gauges.bufferedBytes < 1_000_000);
          stream.resume();
          assertWhole(await untilEnd(stream, 25_000), 200);
          await until('the end of the decompression', () => sum.length === LONG_BYTES);
          assert.equal(sum.checksum(), download.now?.source.checksum());
        },
      });
    });

    test('a client that goes away while the transform works ends transform and backend request', async (t) => {
      const counts = new TransformCounts();
      await playContract(t, implementation, {
        settings: { filters: [gzipFilter(counts)] },
        backend: (_request, response) => void new Download(response, LONG_BYTES),
        run: async ({ client, rig, backend }) => {
          const stream = client.open({ path: '/' });
          await until('the first bytes', () => stream.answer.body.length > 0);
          stream.abort();
          await until('the exchange is over', () => rig.statuses.length === 1);
          assert.deepEqual(rig.statuses, [499]);
          await until('the backend request is cancelled', () => backend.cancelled === 1);
        },
      });
      assert.deepEqual(counts, Object.assign(new TransformCounts(), { made: 1, ended: 0, destroyed: 1 }));
    });

    test('a client that goes away while the transform holds the end of the answer ends the transform', async (t) => {
      const counts = new TransformCounts();
      await playContract(t, implementation, {
        settings: { filters: [gzipFilter(counts)] },
        backend: (_request, response) => void new Download(response, LONG_BYTES / 2),
        run: async ({ client, rig }) => {
          const stream = client.open({ path: '/' });
          stream.pause();
          await until('bytes wait in the proxy', () => rig.gauges.bufferedBytes > 0);
          stream.abort();
          await until('the exchange is over', () => rig.statuses.length === 1);
          assert.deepEqual(rig.statuses, [499]);
        },
      });
      assert.equal(counts.destroyed, 1);
    });

    test('a backend that dies in the middle cuts the stream, transformed or not', async (t) => {
      const counts = new TransformCounts();
      await playContract(t, implementation, {
        settings: { filters: [gzipFilter(counts)] },
        backend: (_request, response) => void response.write(randomBytes(200_000), () => response.destroy()),
        run: async (stage) => {
          assert.equal((await ask(stage, { path: '/' })).end, 'cut');
        },
      });
      assert.deepEqual(counts, Object.assign(new TransformCounts(), { made: 1, ended: 0, destroyed: 1 }));
    });

    test('several transforms of one body run in the order of their filters', async (t) => {
      const before: TeeTransform[] = [];
      const after: TeeTransform[] = [];
      const body = randomBytes(300_000).toString('hex');
      const counts = new TransformCounts();
      await playContract(t, implementation, {
        settings: { filters: [teeFilter([], before), gzipFilter(counts), teeFilter([], after)] },
        backend: (_request, response) => void response.end(body),
        run: async ({ client }) => {
          const stream = client.open({ path: '/' });
          const pieces = collectBody(stream);
          assertWhole(await untilEnd(stream), 200);
          assert.equal(before[0]?.copy.toString() === body, true);
          assert.equal(after[0]?.copy.equals(Buffer.concat(pieces)), true);
          assert.equal(gunzipSync(Buffer.concat(pieces)).toString() === body, true);
        },
      });
    });

    test('a throw of a transform ends its exchange only', async (t) => {
      const broken: Filter = {
        name: 'broken',
        responseBody: (exchange) => {
          if (exchange.head.target !== '/broken') return null;
          const tee = new TeeTransform();
          tee.bodyData = () => {
            throw new Error('drill');
          };
          return tee;
        },
      };
      await playContract(t, implementation, {
        settings: { filters: [broken] },
        backend: (_request, response) => void response.end('body'),
        defects: 1,
        run: async (stage) => {
          assert.equal((await ask(stage, { path: '/broken' })).end, 'cut');
          assert.deepEqual(stage.rig.failures, ['internal_defect']);
          assertWhole(await ask(stage, { path: '/' }), 200);
        },
      });
    });
  });
}
