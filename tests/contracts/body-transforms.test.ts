import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import test, { suite, type TestContext } from 'node:test';
import { createGunzip, gunzipSync } from 'node:zlib';

import type { ListenerSettings } from '../../src/config/resolved-config.ts';
import type { Filter } from '../../src/dataplane/exchange/filter.ts';
import { gzipFilter, TeeTransform, teeFilter, TransformCounts } from '../support/body-filters.ts';
import { ByteSum } from '../support/byte-stream.ts';
import type { ContractClient, ContractStream } from '../support/contract-client.ts';
import { H2ContractClient } from '../support/h2-contract-client.ts';
import { Http1ContractClient } from '../support/http1-contract-client.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';
import {
  ask,
  assertWhole,
  Download,
  IN_BETWEEN_BYTES,
  LONG_BYTES,
  type Stage,
  sumBody,
  untilEnd,
  untilSteady,
  Upload,
} from './downstream/stage.ts';

const PROTOCOLS: Readonly<Record<ListenerSettings['protocol'], (port: number) => ContractClient>> = {
  http1: (port) => new Http1ContractClient(port),
  h2c: (port) => new H2ContractClient(port),
};

interface Play {
  readonly filters: readonly Filter[];
  readonly backend: RequestListener;
  readonly run: (stage: Stage) => Promise<void>;
  /** Throws that the case provokes. */
  readonly defects?: number;
}

async function play(t: TestContext, protocol: ListenerSettings['protocol'], { filters, backend: answer, run, defects = 0 }: Play): Promise<void> {
  const backend = await startHttpBackend(t, answer);
  const rig = await startRig(t, { backends: [backend.port], protocol, filters });
  const client = PROTOCOLS[protocol](rig.port);
  t.after(() => client.close());
  await run({ rig, backend, client });
  await rig.untilIdle();
  client.close();
  await rig.settle();
  assert.equal(rig.defects.length, defects, String(rig.defects));
}

/** Collects an answer's body; the record itself keeps sums only. */
function collect(stream: ContractStream): Buffer[] {
  const pieces: Buffer[] = [];
  const { answer } = stream;
  const add = answer.add.bind(answer);
  answer.add = (piece) => {
    pieces.push(piece);
    add(piece);
  };
  return pieces;
}

for (const protocol of Object.keys(PROTOCOLS) as ListenerSettings['protocol'][]) {
  suite(`body transforms behind the ${protocol} listener`, () => {
    test('an answer is transformed, and its length is not told', async (t) => {
      const counts = new TransformCounts();
      const body = randomBytes(500_000).toString('base64');
      await play(t, protocol, {
        filters: [gzipFilter(counts)],
        backend: (_request, response) => void response.writeHead(200, { 'content-length': body.length }).end(body),
        run: async ({ client }) => {
          const stream = client.open({ path: '/' });
          const pieces = collect(stream);
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
      await play(t, protocol, {
        filters: [gzipFilter(new TransformCounts())],
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
      await play(t, protocol, {
        filters: [gzipFilter(counts)],
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
      await play(t, protocol, {
        filters: [gzipFilter(new TransformCounts())],
        backend: (_request, response) => {
          response.flushHeaders();
          response.end();
        },
        run: async ({ client }) => {
          const stream = client.open({ path: '/' });
          const pieces = collect(stream);
          assertWhole(await untilEnd(stream), 200);
          assert.equal(gunzipSync(Buffer.concat(pieces)).length, 0);
        },
      });
    });

    test('a slow client stops the transform and the backend, and gets everything later', async (t) => {
      const download: { now: Download | null } = { now: null };
      await play(t, protocol, {
        filters: [gzipFilter(new TransformCounts())],
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
          const left = await untilSteady('what left the backend', () => LONG_BYTES - (download.now?.source.left ?? LONG_BYTES), 1);
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
      await play(t, protocol, {
        filters: [gzipFilter(counts)],
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
      await play(t, protocol, {
        filters: [gzipFilter(counts)],
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
      await play(t, protocol, {
        filters: [gzipFilter(counts)],
        backend: (_request, response) => void response.write(randomBytes(200_000), () => response.destroy()),
        run: async (stage) => {
          assert.equal((await ask(stage, { path: '/' })).end, 'cut');
        },
      });
      assert.deepEqual(counts, Object.assign(new TransformCounts(), { made: 1, ended: 0, destroyed: 1 }));
    });

    test('both bodies can be copied on their way', async (t) => {
      const requests: TeeTransform[] = [];
      const responses: TeeTransform[] = [];
      await play(t, protocol, {
        filters: [teeFilter(requests, responses)],
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

    test('several transforms of one body run in the order of their filters', async (t) => {
      const before: TeeTransform[] = [];
      const after: TeeTransform[] = [];
      const body = randomBytes(300_000).toString('hex');
      const counts = new TransformCounts();
      await play(t, protocol, {
        filters: [teeFilter([], before), gzipFilter(counts), teeFilter([], after)],
        backend: (_request, response) => void response.end(body),
        run: async ({ client }) => {
          const stream = client.open({ path: '/' });
          const pieces = collect(stream);
          assertWhole(await untilEnd(stream), 200);
          assert.equal(before[0]?.copy.toString() === body, true);
          assert.equal(after[0]?.copy.equals(Buffer.concat(pieces)), true);
          assert.equal(gunzipSync(Buffer.concat(pieces)).toString() === body, true);
        },
      });
    });

    test('an upload is transformed, and its length is not told', async (t) => {
      const counts = new TransformCounts();
      await play(t, protocol, {
        filters: [teeFilter([], []), gzipFilter(counts, 'request')],
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
      await play(t, protocol, {
        filters: [gzipFilter(new TransformCounts(), 'request')],
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
          const sent = await untilSteady('what left the client', () => upload.sentBytes, 1);
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
      await play(t, protocol, {
        filters: [teeFilter(requests, [])],
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
      await play(t, protocol, {
        filters: [broken],
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
