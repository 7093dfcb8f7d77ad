import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { loadConfig } from '../../src/config/load.ts';
import { Explainer } from '../../src/controlplane/explain/explain.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { type Program, startProgram } from '../support/program.ts';
import { createFolder } from '../support/yaml-program.ts';

const TABLES = 4;
const REQUESTS = 250;
/** Fixed, so that a failure can be looked at again. */
const SEED = 20_261_123;

const segment = fc.constantFrom('a', 'b', 'ab', 'api', 'v1', '%61', 'x.y');
const path = fc.array(segment, { maxLength: 2 }).map((parts) => `/${parts.join('/')}`);
const host = fc.constantFrom('*', '*.test', '*.in.test', 'a.test', 'b.in.test', 'x.b.in.test');
const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE');
const value = fc.constantFrom('1', '2', '12');
const condition = fc.oneof(
  value,
  fc.record({ prefix: value }),
  fc.record({ regex: fc.constantFrom('1', '[12]', '\\d{2}') }),
  fc.record({ present: fc.boolean() }),
);
const route = fc.record(
  {
    host,
    path,
    exact: fc.boolean(),
    methods: fc.uniqueArray(method, { minLength: 1, maxLength: 2 }),
    headers: fc.dictionary(fc.constantFrom('x-one', 'x-two', 'accept'), condition, { minKeys: 1, maxKeys: 2 }),
    priority: fc.integer({ min: -1, max: 1 }),
    ambiguous: fc.constantFrom('pass', 'refuse'),
  },
  { requiredKeys: ['host', 'path', 'exact'] },
);
const table = fc.uniqueArray(route, {
  minLength: 40,
  maxLength: 90,
  selector: (each) => JSON.stringify([each.host, each.path]),
});
const asked = fc.record({
  host: fc.constantFrom('a.test', 'b.in.test', 'x.b.in.test', 'y.in.test', 'other.example', 'A.TEST:81'),
  path: fc.oneof(
    fc
      .array(fc.oneof(segment, fc.constantFrom('', '..', '.', 'a%2fb', '%2e%2e')), { maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`),
    path,
  ),
  search: fc.constantFrom('', '?q=1', '?/a'),
  method,
  headers: fc.dictionary(fc.constantFrom('x-one', 'x-two', 'accept'), value, { maxKeys: 3 }),
});

for (let round = 0; round < TABLES; round++) {
  test(`explain names the route that a real request takes (random table ${round + 1})`, async (context) => {
    const [routes = []] = fc.sample(table, { seed: SEED + round, numRuns: 1 });
    const { program, explainer } = await start(context, routes);
    let proxied = 0;
    for (const each of fc.sample(asked, { seed: SEED - round, numRuns: REQUESTS })) {
      const target = each.path + each.search;
      const real = await send(program, { ...each, target });
      const { route: name, refused } = explainer.explain({
        method: each.method,
        url: `http://${each.host}${target}`,
        headers: Object.entries(each.headers),
      });
      const explained = name ?? `status ${refused?.status}`;
      assert.equal(explained, real, `${each.method} ${each.host}${target} ${JSON.stringify(each.headers)}`);
      if (name !== null) proxied++;
    }
    assert.ok(proxied > REQUESTS / 20, `only ${proxied} requests were proxied: the table shows nothing`);
  });
}

type Route = typeof route extends fc.Arbitrary<infer T> ? T : never;

/** Every route leads to the same backend, under a base path that is its name. */
function configOf(routes: readonly Route[], backend: string): string {
  const entries = routes.map((each, i) => {
    const { exact, path: own, ambiguous, ...rest } = each;
    const written = {
      ...rest,
      ambiguous_path: ambiguous,
      [exact ? 'exact_path' : 'path']: own,
      target: `${backend}/r${i}`,
    };
    return [`r${i}`, written] as const;
  });
  return JSON.stringify({ routes: Object.fromEntries(entries) });
}

async function start(
  context: TestContext,
  routes: readonly Route[],
): Promise<{ program: Program; explainer: Explainer }> {
  const backend = await startHttpBackend(context, (incoming, response) => response.end(incoming.url?.split('/')[1]));
  const file = join(createFolder(context), 'config.yaml');
  writeFileSync(file, configOf(routes, backend.url));
  const program = await startProgram(context, { args: ['--config', file] });
  const loaded = loadConfig({ flags: { configFile: file }, env: {}, readFile: (name) => readFileSync(name, 'utf8') });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return { program, explainer: await Explainer.of(loaded.config) };
}

interface Sent {
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Name of the route that answered, or the status of the proxy's own answer. */
function send(program: Program, { method: verb, host: name, target, headers }: Sent): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port: program.port, host: '127.0.0.1', method: verb, path: target, agent: false };
    const sent = request({ ...options, headers: { ...headers, host: name } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(response.statusCode === 200 ? text : `status ${response.statusCode}`));
    });
    sent.on('error', reject).end();
  });
}
