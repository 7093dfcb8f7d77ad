import assert from 'node:assert/strict';
import { request, type ServerResponse } from 'node:http';
import { before, test, type TestContext } from 'node:test';

import { freePort } from '../support/free-port.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { until } from '../support/until.ts';
import { startWithYaml } from '../support/yaml-program.ts';

/** So many that all three backends get some, whatever their ports: all but once in 50,000 times. */
const KEYS = 30;
const SECRET = 'the key of all instances, 32 bytes';
const ROUTES = {
  'rr.test': { strategy: 'round_robin' },
  'weighted.test': { strategy: 'round_robin' },
  'random.test': { strategy: 'random_two' },
  'ip.test': { strategy: 'ip_hash' },
  'tenant.test': { strategy: 'consistent_hash', hash_on: 'header:X-Tenant' },
  'session.test': { strategy: 'consistent_hash', hash_on: 'cookie:session' },
  'path.test': { strategy: 'consistent_hash', hash_on: 'path' },
  'sticky.test': { sticky_cookie: 'route', sticky_max_age: '1h' },
} as const;

/** What a backend says about a request. */
interface Seen {
  readonly backend: string;
  readonly cookie: string | null;
  /** `Set-Cookie` of the answer. */
  readonly setCookie: string | null;
}

const backends: string[] = [];
let port = 0;
/** Answers of the backend that keeps its clients waiting. */
const held: ServerResponse[] = [];
let slowUrl = '';

before(async (context) => {
  const owner = context as TestContext;
  for (const name of ['a', 'b', 'c']) {
    const backend = await startHttpBackend(owner, ({ headers }, response) => {
      response.end(JSON.stringify({ backend: name, cookie: headers.cookie ?? null }));
    });
    backends.push(backend.url);
  }
  slowUrl = (await startHttpBackend(owner, (_request, response) => void held.push(response))).url;
  port = await startInstance(owner);
});

/** Starts a program with two workers that balances as ROUTES says, over all backends. */
async function startInstance(context: TestContext): Promise<number> {
  const own = await freePort();
  const routes = Object.entries(ROUTES).map(([host, balancing]) => [
    host.split('.')[0],
    {
      host,
      targets: backends,
      ...(host === 'weighted.test' ? { weights: [6, 3, 0] } : {}),
      load_balancer: balancing,
    },
  ]);
  const least = { host: 'least.test', targets: [slowUrl, backends[0]], load_balancer: { strategy: 'least_conn' } };
  const listener = { name: 'main', address: `127.0.0.1:${own}`, trust_proxy: ['127.0.0.1/32'] };
  const config = {
    listeners: [listener],
    routes: { ...Object.fromEntries(routes), least },
    load_balancer: { sticky_secret: SECRET },
  };
  await startWithYaml(context, [JSON.stringify(config)]);
  return own;
}

/** One request on a connection of its own, which either worker may get. */
function ask(host: string, headers: Readonly<Record<string, string>> = {}, path = '/', to = port): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: to, path, agent: false, headers: { host, ...headers } };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.once('end', () => {
        const setCookie = response.headers['set-cookie']?.join('\n') ?? null;
        if (response.statusCode !== 200) reject(new Error(`${response.statusCode}: ${text}`));
        else resolve({ ...(JSON.parse(text) as Omit<Seen, 'setCookie'>), setCookie });
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}

/** How often each backend answered. */
async function countOf(answers: Iterable<Promise<Seen>>): Promise<Record<string, number>> {
  const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
  for (const { backend } of await Promise.all(answers)) counts[backend] = (counts[backend] ?? 0) + 1;
  return counts;
}

const times = (count: number, send: (index: number) => Promise<Seen>) =>
  Array.from({ length: count }, (_, index) => send(index));

test('round_robin: the turns of two workers are even', async () => {
  const counts = await countOf(times(60, () => ask('rr.test')));
  for (const count of Object.values(counts)) assert.ok(Math.abs(count - 20) <= 2, JSON.stringify(counts));
});

test('round_robin: shares follow the weights, 0 is none', async () => {
  const { a = 0, b = 0, c } = await countOf(times(60, () => ask('weighted.test')));
  assert.ok(Math.abs(a - 40) <= 3 && Math.abs(b - 20) <= 3, `${a} and ${b}`);
  assert.equal(c, 0);
});

test('random_two: every backend works', async () => {
  const counts = await countOf(times(60, () => ask('random.test')));
  for (const count of Object.values(counts)) assert.ok(count >= 5, JSON.stringify(counts));
});

test('least_conn: a backend that does not answer gets one request of each worker, the other all else', async () => {
  const asked: Promise<Seen>[] = [];
  let answered = 0;
  for (let i = 0; i < 30; i++) {
    const done = held.length + answered;
    asked.push(ask('least.test').finally(() => answered++));
    await until('it is answered or waits', () => held.length + answered > done);
  }
  assert.ok(held.length >= 1 && held.length <= 2, `${held.length} wait`);
  for (const response of held) response.end(JSON.stringify({ backend: 'slow' }));
  const { slow, a } = await countOf(asked);
  assert.deepEqual([slow, a], [held.length, 30 - held.length]);
});

test('ip_hash: an address keeps its backend in both workers, and the addresses are spread', async () => {
  const used = new Set<string>();
  for (let i = 1; i <= KEYS; i++) {
    const address = `198.51.100.${i}`;
    const answers = await Promise.all(times(4, (n) => ask('ip.test', { 'x-forwarded-for': address }, `/${n}`)));
    assert.equal(new Set(answers.map(({ backend }) => backend)).size, 1, address);
    used.add(answers[0]?.backend ?? '');
  }
  assert.equal(used.size, 3);
});

const SOURCES: readonly (readonly [host: string, send: (key: string) => Promise<Seen>])[] = [
  ['tenant.test', (key) => ask('tenant.test', { 'x-tenant': key })],
  ['session.test', (key) => ask('session.test', { cookie: `theme=dark; session=${key}` })],
  ['path.test', (key) => ask('path.test', {}, `/${key}?n=${Math.random()}`)],
];
for (const [host, send] of SOURCES) {
  test(`consistent_hash: ${host.split('.')[0]} decides, in both workers and in every instance`, async () => {
    const used = new Set<string>();
    for (let i = 0; i < KEYS; i++) {
      const answers = await Promise.all(times(4, () => send(`key-${i}`)));
      assert.equal(new Set(answers.map(({ backend }) => backend)).size, 1, `key-${i}`);
      used.add(answers[0]?.backend ?? '');
    }
    assert.equal(used.size, 3);
  });
}

test('consistent_hash: requests without the header take turns', async () => {
  const counts = await countOf(times(30, () => ask('tenant.test')));
  for (const count of Object.values(counts)) assert.ok(Math.abs(count - 10) <= 2, JSON.stringify(counts));
});

test('sticky: the first answer sets the cookie, which keeps the client at that backend in both workers', async () => {
  const first = await ask('sticky.test');
  assert.match(first.setCookie ?? '', /^route=[\w-]{8}\.[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=3600$/);
  const cookie = first.setCookie?.split(';')[0] ?? '';
  const answers = await Promise.all(times(12, () => ask('sticky.test', { cookie: `a=1; ${cookie}; b=2` })));
  for (const { backend, setCookie } of answers) assert.deepEqual([backend, setCookie], [first.backend, null]);
  assert.equal(answers[0]?.cookie, 'a=1; b=2', 'the backend does not see it');
});

test('sticky: a forged cookie is no session and gets a new one', async () => {
  const first = await ask('sticky.test');
  const value = first.setCookie?.split(';')[0] ?? '';
  const forged = await ask('sticky.test', { cookie: value.replace(/.$/, '_') });
  assert.match(forged.setCookie ?? '', /^route=/);
  assert.equal(forged.cookie, null);
});

test('sticky: Secure when a trusted proxy says that the client came by https', async () => {
  const { setCookie } = await ask('sticky.test', { 'x-forwarded-proto': 'https' });
  assert.match(setCookie ?? '', /; Secure;/);
});

test('sticky: a restart or another instance with the same key knows the cookie', async (t) => {
  const first = await ask('sticky.test');
  const cookie = first.setCookie?.split(';')[0] ?? '';
  const other = await startInstance(t);
  for (let i = 0; i < 6; i++) {
    const { backend, setCookie } = await ask('sticky.test', { cookie }, '/', other);
    assert.deepEqual([backend, setCookie], [first.backend, null]);
  }
});
