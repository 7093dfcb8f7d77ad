import assert from 'node:assert/strict';
import { request } from 'node:http';
import { before, test, type TestContext } from 'node:test';
import { startHttpBackend } from '../support/http-backend.ts';
import type { Program } from '../support/program.ts';
import { startWithYaml } from '../support/yaml-program.ts';
import { ACTION_CASES } from './action-cases.ts';
import type { RoutingCase, RoutingRequest } from './case.ts';
import { MATCH_CASES } from './match-cases.ts';
import { PATH_CASES } from './path-cases.ts';

const CASES = [...MATCH_CASES, ...ACTION_CASES, ...PATH_CASES];
const BACKENDS = ['a', 'b', 'c'] as const;

/** What a backend saw, as it tells in its answer. */
interface Received {
  readonly backend: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One program with two workers runs all cases: each has hosts of its own. */
let program: Program;

before(async (context) => {
  const owner = context as TestContext;
  const urls = new Map<string, string>();
  for (const name of BACKENDS) urls.set(name, (await startEcho(owner, name)).url);
  const routes = Object.fromEntries(CASES.flatMap((each) => routesOf(each, urls)));
  program = await startWithYaml(owner, [JSON.stringify({ routes })]);
});

for (const routingCase of CASES) {
  test(`${routingCase.id}: ${routingCase.rule}`, async () => {
    for (const each of routingCase.requests) await check(routingCase, each);
  });
}

async function check(routingCase: RoutingCase, expected: RoutingRequest): Promise<void> {
  const { status, headers, text } = await send(routingCase, expected);
  const what = `${expected.method ?? 'GET'} ${expected.host ?? ''}${expected.target}`;
  assert.equal(status, expected.status ?? 200, `${what}: ${text}`);
  if (expected.location !== undefined) assert.equal(headers['location'], expected.location, what);
  for (const [name, value] of Object.entries(expected.answer ?? {}))
    assert.equal(headers[name] ?? null, value, `${what} ${name}`);
  if (expected.backend === undefined) return;
  const seen = JSON.parse(text) as Received;
  assert.equal(seen.backend, expected.backend, what);
  const { target, host, headers: fields = {} } = expected.received ?? {};
  if (target !== undefined) assert.equal(seen.target, target, what);
  if (host !== undefined) assert.equal(seen.headers['host'], host, what);
  for (const [name, value] of Object.entries(fields))
    assert.equal(seen.headers[name] ?? null, value, `${what} ${name}`);
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

function send({ id }: RoutingCase, { method = 'GET', host, target, headers }: RoutingRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port: program.port, host: '127.0.0.1', method, path: target, agent: false };
    const sent = request({ ...options, headers: { host: host ?? `${id}.test`, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: String(Buffer.concat(chunks)) });
      });
    });
    sent.on('error', reject).end();
  });
}

function routesOf({ id, routes }: RoutingCase, urls: ReadonlyMap<string, string>): [string, object][] {
  return Object.entries(routes).map(([name, route]) => {
    const target = typeof route['target'] === 'string' ? targetOf(route['target'], urls) : undefined;
    return [
      `${id}-${name}`.replaceAll('-', '_'),
      { host: `${id}.test`, ...route, ...(target === undefined ? {} : { target }) },
    ];
  });
}

/** `a/base` is the backend `a` with a base path. */
function targetOf(text: string, urls: ReadonlyMap<string, string>): string {
  const [name = '', ...base] = text.split('/');
  return [urls.get(name), ...base].join('/');
}

function startEcho(context: TestContext, backend: string): ReturnType<typeof startHttpBackend> {
  return startHttpBackend(context, (incoming, response) => {
    const seen: Received = {
      backend,
      target: incoming.url ?? '',
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    };
    const delayMs = Number(/[?&]delay=(\d+)/.exec(seen.target)?.[1] ?? 0);
    const timer = setTimeout(() => {
      response.setHeader('x-backend-name', backend);
      response.setHeader('x-secret', 'no');
      response.end(JSON.stringify(seen));
    }, delayMs);
    response.on('close', () => clearTimeout(timer));
  });
}
