import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { startHttpBackend } from '../support/http-backend.ts';
import { RawConnection } from '../support/http-client.ts';
import { type Program, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';

const HEADERS = [
  'Authorization: Bearer #',
  'Authorization: Basic #',
  'Authorization: Digest username=a, response=#',
  'Proxy-Authorization: Basic #',
  'Cookie: session=#; theme=dark',
  'X-API-Key: #',
  'X-Auth-Token: #',
  'X-Amz-Security-Token: #',
  'X-Access-Token: #',
  'X-CSRF-Token: #',
  'X-Client-Secret: #',
  'X-User-Password: #',
  'X-Hub-Signature-256: sha256=#',
  'Api-Key: #',
  'X-Acme-Ref: #',
  'X-Original-Authorization: #',
  'X-Custom: Bearer #',
  'X-Note: eyJhbGciOi.eyJzdWIi#.c2ln',
  'Referer: https://user:#@h/',
  'Referer: https://h/?access_token=#',
  'Referer: https://h/#id_token=#',
  'X-Forwarded-Uri: /a?password=#',
];
const QUERIES = [
  'token=#',
  'access_token=#',
  'api_key=#',
  'apikey=#',
  'API-KEY=#',
  'password=#',
  'passwd=#',
  'pwd=#',
  'client_secret=#',
  'sig=#',
  'X-Amz-Signature=#',
  'code=#',
  'key=#',
  'jwt=#',
  'session_id=#',
  'pass%77ord=#',
  'user%5Bpassword%5D=#',
  'next=%2Fa%3Ftoken%3D#',
  'acme_ref=#',
  'auth=#',
];
const JSON_BODIES = [
  '{"password":"#"}',
  '{"a":{"apiKey":"#"}}',
  '{"tokens":["#"]}',
  '{"credentials":{"x":"#"}}',
  '{"pass\\u0077ord":"#"}',
  '{"raw":"{\\"secret\\":\\"#\\"}"}',
  '{"jwt":"#","b":1}',
  '{"url":"/a?token=#"}',
  '{"h":"Authorization: Bearer #"}',
  '{"pin":"#"}',
];
const FORMS = [
  'password=#',
  'a=1&token=#',
  'user%5Bpassword%5D=#',
  'p=%7B%22secret%22%3A%22#%22%7D',
  '{"password":"#"}',
];

/** Secrets are told apart, so that a leak names its place. */
class Secrets {
  readonly places: Map<string, string> = new Map();

  plant(place: string): string {
    const secret = `Plant${String(this.places.size).padStart(3, '0')}Xq`;
    this.places.set(secret, place);
    return place.replace(/#(?!id_token)/, secret);
  }

  leaksIn(text: string): readonly string[] {
    return [...this.places].flatMap(([secret, place]) => (text.includes(secret) ? [place] : []));
  }
}

async function startShowing(context: TestContext, env: Readonly<Record<string, string>>): Promise<[Program, string]> {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  // It gives back what it got, so that everything is in the answer's head and body, too.
  const backend = await startHttpBackend(context, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (bytes: Buffer) => chunks.push(bytes));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      response.setHeader('set-cookie', `session=${String(request.headers.cookie)}`);
      response.setHeader('location', `http://h${request.url}`);
      response.setHeader('content-type', request.headers['content-type'] ?? 'text/plain');
      response.setHeader('content-length', body.length);
      response.end(body);
    });
  });
  const path = join(folder, 'access.log');
  const program = await startProgram(context, {
    env: {
      RWWWRSE_DEFAULT_BACKEND: backend.url,
      RWWWRSE_REQUEST_LOGGING: 'true',
      RWWWRSE_ACCESS_LOG_PATH: path,
      RWWWRSE_LOG_LEVEL: 'debug',
      RWWWRSE_LOG_REQUESTS: 'true',
      RWWWRSE_LOG_REQUEST_HEADERS: 'true',
      RWWWRSE_LOG_RESPONSE_HEADERS: 'true',
      RWWWRSE_LOG_REQUEST_BODY: 'true',
      RWWWRSE_LOG_RESPONSE_BODY: 'true',
      RWWWRSE_LOG_REDACT: 'x-acme-*,acme_ref',
      ...env,
    },
  });
  return [program, path];
}

async function send(program: Program, head: string, body = ''): Promise<string> {
  const connection = await new RawConnection(program.port).opened();
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
  connection.send(`${head}\r\nHost: a\r\nConnection: close\r\n${length}\r\n${body}`);
  await connection.untilClosed();
  return connection.received;
}

for (const format of ['combined', 'json']) {
  test(`no planted secret is in any output: headers, queries, bodies, answers (access log ${format})`, async (context) => {
    const [program, path] = await startShowing(context, { RWWWRSE_ACCESS_LOG_FORMAT: format });
    const secrets = new Secrets();
    let requests = 0;
    const answered = async (head: string, body = ''): Promise<void> => {
      assert.match(await send(program, head, body), /^HTTP\/1\.1 200 /, head);
      requests++;
    };
    for (const header of HEADERS) await answered(`GET /header HTTP/1.1\r\n${secrets.plant(header)}`);
    for (const query of QUERIES) await answered(`GET /query?a=1&${secrets.plant(query)} HTTP/1.1`);
    for (const body of JSON_BODIES)
      await answered('POST /json HTTP/1.1\r\nContent-Type: application/json', secrets.plant(body));
    for (const body of FORMS)
      await answered('POST /form HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded', secrets.plant(body));
    await answered('POST /text HTTP/1.1\r\nContent-Type: text/plain', secrets.plant('password is #'));
    // Refused requests are logged, too.
    await send(program, `GET http://u:${secrets.plant('#')}@a/ HTTP/1.1`);
    await send(program, `GET /?token=${secrets.plant('#')} HTTP/9.9`);
    assert.ok(secrets.places.size > 40);
    await until('all debug lines', () => program.logged('request and answer').length >= requests);
    program.signal('SIGTERM');
    await program.ended();
    const access = readFileSync(path, 'utf8');
    assert.ok(access.trimEnd().split('\n').length >= requests);
    assert.deepEqual(secrets.leaksIn(access), [], 'access log');
    assert.deepEqual(secrets.leaksIn(program.stdout + program.stderr), [], 'application log');
  });
}

test('debug lines show headers and bodies up to the limit, and only what is switched on (S58)', async (context) => {
  const [program] = await startShowing(context, {
    RWWWRSE_LOG_BODY_LIMIT: '20',
    RWWWRSE_LOG_RESPONSE_HEADERS: 'false',
  });
  const body = `{"name":"${'x'.repeat(50)}"}`;
  const answer = await send(
    program,
    'POST /a HTTP/1.1\r\nContent-Type: application/json\r\nX-Shown: one\r\nX-Shown: two',
    body,
  );
  assert.ok(answer.endsWith(body) || answer.includes('xxxxx'), 'the body passes unchanged');
  const line = await program.untilLogged('request and answer');
  assert.equal(line.level, 'DEBUG');
  assert.equal(line.request_body, `${body.slice(0, 20)}… [${body.length} bytes]`);
  assert.equal(line.response_body, line.request_body);
  assert.deepEqual((line.request_headers as Record<string, unknown>)['x-shown'], ['one', 'two']);
  assert.equal(line.response_headers, undefined);
});

test('above debug nothing of requests is shown, whatever is switched on', async (context) => {
  const [program] = await startShowing(context, { RWWWRSE_LOG_LEVEL: 'info' });
  await send(program, 'GET /a HTTP/1.1');
  await program.untilLogged('request routed');
  assert.equal(program.logged('request and answer').length, 0);
});
