import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { runCommand } from '../support/command.ts';
import { FakeDoppler } from '../support/fake-doppler.ts';
import { startProgram } from '../support/program.ts';
import { createFolder } from '../support/yaml-program.ts';

/** A fake Doppler and the environment that makes the program ask it. */
function dopplerEnv(context: TestContext, script: string): Record<string, string> {
  const folder = createFolder(context);
  const { path } = new FakeDoppler(folder, script);
  return { PATH: path, HOME: folder, DOPPLER_TOKEN: 'dp.st.prd.topsecret' };
}

/** A shell line that prints secrets as Doppler does. */
function printing(secrets: Readonly<Record<string, string>>): string {
  return `cat <<'JSON'\n${JSON.stringify({ ...secrets, DOPPLER_PROJECT: 'edge', DOPPLER_CONFIG: 'prd' })}\nJSON`;
}

async function startBackend(context: TestContext): Promise<string> {
  const server = createServer((_, response) => response.end('from the backend'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('config show names Doppler as origin and shows nothing of what came from it', async (context) => {
  const secrets = { RWWWRSE_TIMEOUT: '7s', RWWWRSE_DATABASE_URL: 'postgres://app:topsecret@db.internal/app' };
  const env = { ...dopplerEnv(context, printing(secrets)), RWWWRSE_TIMEOUT: '9s', RWWWRSE_IDLE_TIMEOUT: '8s' };
  const shown = await runCommand(['config', 'show', '--changed'], env);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^timeout +\*\*\* +Doppler \(edge\/prd\) +reload$/m);
  assert.match(shown.stdout, /^database_url +\*\*\* +Doppler \(edge\/prd\) +reload$/m);
  assert.match(shown.stdout, /^idle_timeout +8s +RWWWRSE_IDLE_TIMEOUT +restart$/m);
  assert.doesNotMatch(shown.stdout + shown.stderr, /topsecret|db\.internal/);
});

test('the program serves with what Doppler says, above its environment, and logs none of it', async (context) => {
  const backend = await startBackend(context);
  const env = dopplerEnv(context, printing({ RWWWRSE_DEFAULT_BACKEND: backend, RWWWRSE_LOG_LEVEL: 'debug' }));
  const program = await startProgram(context, { env: { ...env, RWWWRSE_DEFAULT_BACKEND: 'http://127.0.0.1:9' } });
  const response = await fetch(program.url('/'));
  assert.equal(await response.text(), 'from the backend');
  assert.doesNotMatch(program.stdout + program.stderr, /topsecret/);
});

test('a Doppler that hangs is given up at its timeout, told in one line, and the program serves without it', async (context) => {
  const backend = await startBackend(context);
  const env = { ...dopplerEnv(context, 'sleep 60'), DOPPLER_FETCH_TIMEOUT: '400ms' };
  const program = await startProgram(context, { env: { ...env, RWWWRSE_DEFAULT_BACKEND: backend } });
  assert.equal((await fetch(program.url('/'))).status, 200);
  assert.deepEqual(program.errorLines, [
    'rwwwrse: warning: doppler: no secrets are taken from Doppler: it took too long',
  ]);
});

test('a reload without an answer of Doppler is refused, and the program goes on with the secrets it has', async (context) => {
  const backend = await startBackend(context);
  const secrets = printing({ RWWWRSE_DEFAULT_BACKEND: backend });
  const env = dopplerEnv(context, `[ "$CALLS" -eq 2 ] && exit 1\n${secrets}`);
  const program = await startProgram(context, { env: { ...env, DOPPLER_RETRY_COUNT: '0' } });
  program.signal('SIGHUP');
  const refused = await program.untilLogged('reload refused: the configuration before it goes on');
  assert.deepEqual(refused['problems'], [
    'warning: doppler: no secrets are taken from Doppler: it ended with status 1',
  ]);
  assert.equal((await fetch(program.url('/'))).status, 200);
  program.signal('SIGHUP');
  await program.untilLogged('configuration reloaded: nothing changed');
});
