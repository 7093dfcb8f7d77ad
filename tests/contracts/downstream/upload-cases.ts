import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';

import { until, untilSteady } from '../../support/until.ts';
import { assertWhole, type ContractCase, IN_BETWEEN_BYTES, LONG_BYTES, sumBody, untilEnd, Upload } from './stage.ts';

const BYTES = 3_000_000;

/** The request that waits at a backend which does not read it. */
let held: IncomingMessage | null = null;

/** Uploads, of known and of unknown length. */
export const UPLOAD_CASES: Readonly<Record<string, ContractCase>> = {
  'passes an upload of known length': {
    backend: (request, response) => {
      void sumBody(request).then((sum) => {
        const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
        response.end(`${length} ${coding} ${sum?.length} ${sum?.checksum()}`);
      });
    },
    run: async (stage) => {
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'length', length: BYTES });
      const upload = new Upload(stream, BYTES);
      const answer = await untilEnd(stream);
      assertWhole(answer, 200);
      assert.equal(answer.text, `${BYTES} undefined ${BYTES} ${upload.source.checksum()}`);
    },
  },

  'passes an upload of unknown length': {
    backend: (request, response) => {
      void sumBody(request).then((sum) => {
        const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
        response.end(`${length} ${coding} ${sum?.length} ${sum?.checksum()}`);
      });
    },
    run: async (stage) => {
      const stream = stage.client.open({ method: 'PUT', path: '/', body: 'unknown' });
      const upload = new Upload(stream, BYTES);
      const answer = await untilEnd(stream);
      assertWhole(answer, 200);
      assert.equal(answer.text, `undefined chunked ${BYTES} ${upload.source.checksum()}`);
    },
  },

  'passes an empty upload of known and of unknown length': {
    backend: (request, response) => {
      void sumBody(request).then((sum) => response.end(`${request.headers['content-length']} ${sum?.length}`));
    },
    run: async (stage) => {
      const known = stage.client.open({ method: 'POST', path: '/', body: 'length', length: 0 });
      known.end();
      assert.equal((await untilEnd(known)).text, '0 0');
      const unknown = stage.client.open({ method: 'POST', path: '/', body: 'unknown' });
      unknown.end();
      assert.equal((await untilEnd(unknown)).text, 'undefined 0');
    },
  },

  'passes upload bytes when they come, not when all are there': {
    backend: (request, response) => {
      response.writeHead(200);
      request.on('data', (piece: Buffer) => response.write(piece));
      request.on('end', () => response.end());
    },
    run: async (stage) => {
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'unknown' });
      for (const word of ['one', 'two', 'three']) {
        stream.write(Buffer.from(word));
        await until(`the echo of ${word}`, () => stream.answer.text.endsWith(word));
      }
      stream.end();
      const answer = await untilEnd(stream);
      assertWhole(answer, 200);
      assert.equal(answer.text, 'onetwothree');
    },
  },

  'passes 100 and then the upload that waited for it': {
    backend: (request, response) => {
      void sumBody(request).then((sum) => response.end(String(sum?.length)));
    },
    run: async (stage) => {
      const fields = { expect: '100-continue' };
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'length', length: 4, fields });
      await until('100', () => stream.answer.informational.some(({ status }) => status === 100));
      stream.write(Buffer.from('body'));
      stream.end();
      const answer = await untilEnd(stream);
      assertWhole(answer, 200);
      assert.equal(answer.text, '4');
    },
  },

  'stops the client while the backend reads nothing, and delivers everything later': {
    backend: (request, response) => {
      held = request;
      request.pause();
      request.once('resume', () => void sumBody(request).then((sum) => response.end(sum?.checksum())));
    },
    run: async (stage) => {
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'length', length: LONG_BYTES });
      const upload = new Upload(stream, LONG_BYTES);
      const sent = await untilSteady('what left the client', () => upload.sentBytes || null);
      assert.ok(sent < IN_BETWEEN_BYTES, `${sent} bytes left the client`);
      assert.ok(stage.rig.gauges.bufferedBytes < 1_000_000, `${stage.rig.gauges.bufferedBytes} bytes held`);
      held?.resume();
      const answer = await untilEnd(stream, 20_000);
      assertWhole(answer, 200);
      assert.equal(answer.text, upload.source.checksum());
    },
  },

  'passes an answer that is complete before the upload is': {
    backend: (_request, response) => {
      response.writeHead(403, { 'content-length': 6 });
      response.end('denied');
    },
    run: async (stage) => {
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'length', length: LONG_BYTES });
      const upload = new Upload(stream, LONG_BYTES);
      await until('the answer', () => stream.answer.body.length === 6);
      upload.stopped = true;
      assertWhole(await untilEnd(stream), 403);
      assert.equal(stream.answer.text, 'denied');
      stream.abort();
      await until('the exchange is over', () => stage.rig.gauges.requests === 0);
      assert.deepEqual(stage.rig.statuses, [403]);
      await until('the backend connection is gone', () => stage.backend.sockets.size === 0);
    },
  },

  'passes the answer of a short early refusal and serves the next request': {
    backend: (request, response) => {
      if (request.url === '/next') response.end('next');
      else response.writeHead(401, { 'content-length': 2 }).end('no');
    },
    run: async (stage) => {
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'unknown' });
      stream.write(Buffer.alloc(1_000));
      await until('the answer', () => stream.answer.body.length === 2);
      stream.write(Buffer.alloc(1_000));
      stream.end();
      assertWhole(await untilEnd(stream), 401);
      const next = stage.client.open({ path: '/next' });
      assertWhole(await untilEnd(next), 200);
      assert.equal(next.answer.text, 'next');
    },
  },

  'answers an upload in both directions at once': {
    backend: (request, response) => void request.pipe(response),
    run: async (stage) => {
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'length', length: 4 * BYTES });
      const upload = new Upload(stream, 4 * BYTES);
      const answer = await untilEnd(stream, 20_000);
      assertWhole(answer, 200);
      assert.equal(answer.body.length, 4 * BYTES);
      assert.equal(answer.body.checksum(), upload.source.checksum());
    },
  },
};
