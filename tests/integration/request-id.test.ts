import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test, type TestContext } from 'node:test';
import { startHttpBackend } from '../support/http-backend.ts';
import { startWithYaml } from '../support/yaml-program.ts';

type Fields = Readonly<Record<string, string | string[] | undefined>>;

/** What the backend got and what the client got. */
interface Seen {
  readonly received: Fields;
  readonly answered: Fields;
}

/** Sends one request through a program with this block `request_id`. */
async function send(context: TestContext, settings: object, headers: Record<string, string>): Promise<Seen> {
  const backend = await startHttpBackend(context, (incoming, response) => {
    response.setHeader('x-request-id', 'of-the-backend');
    response.setHeader('x-correlation-id', 'of-the-backend');
    response.end(JSON.stringify(incoming.headers));
  });
  const lines = [JSON.stringify({ request_id: settings, default_backend: backend.url })];
  const program = await startWithYaml(context, lines);
  return new Promise((resolve, reject) => {
    const sent = request({ port: program.port, host: '127.0.0.1', agent: false, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ received: JSON.parse(text) as Fields, answered: response.headers }));
    });
    sent.on('error', reject).end();
  });
}

test("by default an id is made, sent to the backend and told to the client in place of the backend's own", async (context) => {
  const { received, answered } = await send(context, {}, { 'x-correlation-id': 'mine' });
  assert.match(String(received['x-request-id']), /^[0-9a-f]{32}$/);
  assert.equal(answered['x-request-id'], received['x-request-id']);
  assert.equal(received['x-correlation-id'], 'mine');
  assert.equal(answered['x-correlation-id'], 'of-the-backend');
});

test('an id of the client goes on when it is harmless, else a new one takes its place', async (context) => {
  const { received, answered } = await send(context, {}, { 'X-Request-ID': 'abc-1.2_3' });
  assert.deepEqual([received['x-request-id'], answered['x-request-id']], ['abc-1.2_3', 'abc-1.2_3']);
  const evil = await send(context, {}, { 'X-Request-ID': 'a b"c' });
  assert.match(String(evil.received['x-request-id']), /^[0-9a-f]{32}$/);
});

test('request_id.header names the field for both ways, and leaves X-Request-ID to client and backend', async (context) => {
  const headers = { 'x-correlation-id': 'mine', 'x-request-id': 'other' };
  const { received, answered } = await send(context, { header: 'X-Correlation-ID' }, headers);
  assert.deepEqual([received['x-correlation-id'], received['x-request-id']], ['mine', 'other']);
  assert.deepEqual([answered['x-correlation-id'], answered['x-request-id']], ['mine', 'of-the-backend']);
});

test('request_id.generator uuid makes UUIDs', async (context) => {
  const { received } = await send(context, { generator: 'uuid' }, {});
  assert.match(
    String(received['x-request-id']),
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test('request_id.enabled false sends no id and leaves those of others alone', async (context) => {
  const { received, answered } = await send(context, { enabled: false }, {});
  assert.deepEqual([received['x-request-id'], answered['x-request-id']], [undefined, 'of-the-backend']);
  const given = await send(context, { enabled: false }, { 'x-request-id': 'a b' });
  assert.equal(given.received['x-request-id'], 'a b');
});
