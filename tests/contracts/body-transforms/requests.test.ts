import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { createGunzip } from 'node:zlib';

import { gzipFilter, type TeeTransform, teeFilter, TransformCounts } from '../../support/body-filters.ts';
import { ByteSum } from '../../support/byte-stream.ts';
import { until, untilSteady } from '../../support/until.ts';
import { H2C, HTTP1, playContract } from '../downstream/play.ts';
import { assertWhole, IN_BETWEEN_BYTES, LONG_BYTES, sumBody, untilEnd, Upload } from '../downstream/stage.ts';

for (const implementation of [HTTP1, H2C]) {
  suite(`transforms of uploads behind ${implementation.name}`, () => {
    test('both bodies can be copied on their way', async (t) => {
      const requests: TeeTransform[] = [];
      const responses: TeeTransform[] = [];
      await playContract(t, implementation, {
        settings: { filters: [teeFilter(requests, responses)] },
        backend: (request, response) => void request.pipe(response),
        run: async ({ client }) => {
          const stream = client.open({ method: 'POST', path: '/', body: 'length', length: 2_000_000 });
          const upload = new Upload(stream, 2_000_000);
          assertWhole(await untilEnd(stream), 200);
          const expected = upload.source.checksum();
          assert.equal(stream.answer.body.checksum(), expected);
          for (const tee of [requests[0], responses[0]]) {
            const sum = new ByteSum();
            sum.add(tee?.copy ?? Buffer.alloc(0));
            assert.equal(sum.checksum(), expected);
            assert.equal(tee?.ended, true);
          }
        },
      });
    });

    test('an upload is transformed, and its length is not told', async (t) => {
      const counts = new TransformCounts();
      await playContract(t, implementation, {
        settings: { filters: [teeFilter([], []), gzipFilter(counts, 'request')] },
        backend: (request, response) => {
          assert.equal(request.headers['content-length'], undefined);
          const plain = request.pipe(createGunzip());
          const sum = new ByteSum();
          plain.on('data', (piece: Buffer) => sum.add(piece));
          plain.on('end', () => response.end(sum.checksum()));
        },
        run: async ({ client }) => {
          const stream = client.open({ method: 'POST', path: '/', body: 'length', length: 3_000_000 });
          const upload = new Upload(stream, 3_000_000);
          assertWhole(await untilEnd(stream), 200);
          assert.equal(stream.answer.text, upload.source.checksum());
        },
      });
      assert.equal(counts.ended, 1);
    });

    test('a slow backend stops the transform of an upload and the client', async (t) => {
      const resume: (() => void)[] = [];
      await playContract(t, implementation, {
        settings: { filters: [gzipFilter(new TransformCounts(), 'request')] },
        backend: (request, response) => {
          request.pause();
          resume.push(() => {
            const plain = request.pipe(createGunzip());
            void sumBody(plain as never).then((sum) => response.end(sum?.checksum()));
          });
        },
        run: async ({ client, rig }) => {
          const stream = client.open({ method: 'POST', path: '/', body: 'length', length: LONG_BYTES });
          const upload = new Upload(stream, LONG_BYTES);
          const sent = await untilSteady('what left the client', () => upload.sentBytes || null);
          assert.ok(sent < IN_BETWEEN_BYTES, `${sent} bytes left the client`);
          assert.ok(rig.gauges.bufferedBytes < 1_000_000);
          resume[0]?.();
          assertWhole(await untilEnd(stream, 25_000), 200);
          assert.equal(stream.answer.text, upload.source.checksum());
        },
      });
    });

    test('a transform of an upload ends with its exchange, however that ends', async (t) => {
      const requests: TeeTransform[] = [];
      await playContract(t, implementation, {
        settings: { filters: [teeFilter(requests, [])] },
        backend: (request, response) => {
          if (request.url === '/early') response.writeHead(403, { 'content-length': 2 }).end('no');
          else if (request.url === '/gone') request.socket.destroy();
        },
        run: async ({ client, rig }) => {
          for (const path of ['/early', '/gone', '/aborted']) {
            const before = requests.length;
            const stream = client.open({ method: 'POST', path, body: 'unknown' });
            stream.write(Buffer.from('some'));
            await until('the transform has it', () => requests[before]?.copy.length === 4);
            if (path === '/aborted') stream.abort();
            else {
              await until('an answer', () => stream.answer.status > 0);
              stream.end();
            }
            await until('the exchange is over', () => rig.gauges.requests === 0);
          }
        },
      });
      assert.equal(requests.length, 3);
      assert.deepEqual(
        requests.map(({ destroyed }) => destroyed),
        [1, 1, 1],
      );
    });
  });
}
