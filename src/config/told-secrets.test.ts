import assert from 'node:assert/strict';
import test from 'node:test';

import { describeConfig } from './describe.ts';
import { loadConfig } from './load.ts';
import type { ConfigSources } from './load.ts';
import { formatProblem } from './problem.ts';

/** Long enough for a sticky secret; no message may hold the beginning of it. */
const SECRET = `hunter2${'xY9'.repeat(12)}`;
const LEAK = 'hunter2';

/** Files with a mistake where a secret stands, most of them a forgotten blank or quote. */
const FILES: readonly string[] = [
  `load_balancer:\n  sticky_secret:${SECRET}\n`,
  `load_balancer: {sticky_secret:${SECRET}}`,
  `load_balancer: {sticky_secret: *${SECRET}}`,
  `load_balancer: {sticky_secret: !${SECRET} x}`,
  `load_balancer:\n  sticky_secret: |${SECRET}\n`,
  `load_balancer: {sticky_secret: "\\x${SECRET}"}`,
  `load_balancer: {sticky_secret: [${SECRET}]}`,
  `load_balancer: {sticky_secret: hunter2}`,
  `load_balancer: {sticky_secret_file: ${SECRET}}`,
  `database_url_file: postgres://u:${SECRET}@h/d`,
  `database_url: "postgres//u:${SECRET}@h/d"`,
  `backend_tls: "key:${SECRET}"`,
  `backend_tls: {key: ${SECRET}, key_file: ${SECRET}}`,
  `checks: {a: "https:/h/${SECRET}", b: {url: [${SECRET}]}}`,
  `checks: "redis://:${SECRET}@h"`,
  `routes: {a: {target: https://h, backend_tls: "key:${SECRET}"}}`,
  `routes: {a: {target: "https://u:${SECRET}@h"}, b: {target: "http://h/?token=${SECRET}"}}`,
  `routes: {a: {target: http://h, request_headers: {set: "Authorization:Bearer ${SECRET}"}}}`,
  `routes: {a: {target: http://h, request_headers: {set: {Authorization:Bearer ${SECRET}}}}}`,
  `routes: {a: {target: http://h, request_headers: "set:Authorization:${SECRET}"}}`,
  `routes: {a: {target: http://h, request_headers: {remove: ["Authorization: ${SECRET}"]}}}`,
  `routes: {a: {target: http://h, headers: "X-Token=${SECRET}"}}`,
  `routes: {a: {target: http://h, headers: {X-Token: {regex: "(${SECRET}"}}}}`,
  `routes: {a: {target: http://h, health_check: {headers: "Authorization:${SECRET}"}}}`,
  `tests: [{request: "GET http://h/", headers: "Authorization:${SECRET}", route: a}]`,
  `backends_routes: {"http://u:${SECRET}@h": 1}`,
  `backends_routes: 'h=http://u:${SECRET}@h'`,
];

const VARIABLES: readonly (readonly [string, string])[] = [
  ['RWWWRSE_LOAD_BALANCER', `sticky_secret=${SECRET}`],
  ['RWWWRSE_LOAD_BALANCER', `{"sticky_secret": "hunter2"}`],
  ['RWWWRSE_LOAD_BALANCER_STICKY_SECRET_FILE', SECRET],
  ['RWWWRSE_DATABASE_URL_FILE', `postgres://u:${SECRET}@h/d`],
  ['DATABASE_URL', `mysql://u:${SECRET}@h/d`],
  ['RWWWRSE_CHECKS', `a=redis://:${SECRET}@h`],
  ['RWWWRSE_ROUTES_A_REQUEST_HEADERS_SET', `Authorization:${SECRET}`],
  ['RWWWRSE_ROUTES_A_REQUEST_HEADERS_SET', `["Authorization: ${SECRET}"]`],
  ['RWWWRSE_BACKENDS_ROUTES', `{"a": {"url": "http://u:${SECRET}@h"}`],
  ['RWWWRSE_API_KEY', SECRET],
];

/** Everything that is said about a configuration. */
function told(sources: Pick<ConfigSources, 'flags' | 'env'>, file: string): string[] {
  const readFile = (path: string): string => {
    if (path === 'file') return file;
    throw Object.assign(new Error(path), { code: 'ENOENT' });
  };
  const loaded = loadConfig({ ...sources, readFile });
  const problems = [...('problems' in loaded ? loaded.problems : []), ...loaded.warnings];
  const values = 'problems' in loaded ? [] : describeConfig(loaded).map(({ key, value }) => `${key} ${value}`);
  return [...problems.map(formatProblem), ...values];
}

test('no message about a mistake repeats a secret, whatever the mistake', () => {
  for (const file of FILES) {
    const lines = told({ flags: { configFile: 'file' }, env: {} }, file);
    assert.ok(
      lines.some((line) => line.startsWith('error: ')),
      file,
    );
    assert.deepEqual(
      lines.filter((line) => line.includes(LEAK)),
      [],
      file,
    );
  }
  for (const [name, value] of VARIABLES)
    for (const [sources, file] of [
      [{ flags: {}, env: { [name]: value } }, ''],
      [{ flags: { envFile: 'file' }, env: {} }, `${name}='${value}'\n`],
    ] as const)
      assert.deepEqual(
        told(sources, file).filter((line) => line.includes(LEAK)),
        [],
        name,
      );
});

test('what is no secret is still named: the path of a file, a wrong name, an alias by its place', () => {
  const lineOf = (file: string): string => told({ flags: { configFile: 'file' }, env: {} }, file)[0] ?? '';
  assert.match(lineOf('database_url_file: /run/db\n'), /cannot read "\/run\/db": there is no such file$/);
  assert.match(
    lineOf('routes: {a: {target: http://h, request_headers: {remove: ["X:Y"]}}}'),
    /: "X…" is not a header name/,
  );
  assert.match(lineOf('backends_routes: {"localhost:8080": 1}'), /^error: backends_routes\.localhost:8080 /);
  assert.equal(
    lineOf('a: &x 1\nroutes:\n  a: {target: *x, host: *.example.com}\n'),
    'error: config_file (file:3:25): not valid YAML: an alias without an anchor; text that begins with * has to be in quotes',
  );
});
