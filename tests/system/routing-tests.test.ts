import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Program } from '../support/program.ts';
import { startWithYaml } from '../support/yaml-program.ts';

function start(context: TestContext, tests: readonly object[]): Promise<Program> {
  const routes = { api: { path: '/api', target: 'http://127.0.0.1:9' } };
  return startWithYaml(
    context,
    [`routes: ${JSON.stringify(routes)}`, 'tests:', ...tests.map((each) => `  - ${JSON.stringify(each)}`)],
    {
      awaitReady: false,
    },
  );
}

test('a program whose routing tests fail does not start: it says which test, where it is written, and why', async (context) => {
  const program = await start(context, [
    { request: 'GET http://a.example/api/x', route: 'api' },
    { request: 'GET http://a.example/other', route: 'api' },
    { request: 'GET http://a.example/api', route: 'none' },
  ]);
  assert.equal((await program.ended()).code, 1);
  assert.equal(program.logged('listening').length, 0);
  assert.equal(program.errorLines.length, 2, program.stderr);
  const [second = '', third = ''] = program.errorLines;
  assert.match(
    second,
    /^rwwwrse: error: tests\[1\] \(.*config\.yaml:4:\d+\): GET http:\/\/a\.example\/other takes no route/,
  );
  assert.match(second, /expected is the route api; api: the path \/other is not in \/api$/);
  assert.match(
    third,
    /^rwwwrse: error: tests\[2\] \(.*config\.yaml:5:\d+\): .* takes the route api, expected is no route$/,
  );
});

test('a program whose routing tests pass starts', async (context) => {
  const program = await start(context, [{ request: 'GET http://a.example/api/x', route: 'api' }]);
  await program.untilLogged('listening');
});
