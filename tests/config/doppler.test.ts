import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { fetchDopplerSecrets } from '../../src/config/doppler/doppler-secrets.ts';
import type { DopplerSecrets } from '../../src/config/doppler/doppler-secrets.ts';
import { FakeDoppler } from '../support/fake-doppler.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';

const TOKEN = 'dp.st.prd.topsecret';
const ANSWER = `echo '{"RWWWRSE_TIMEOUT":"7s","DOPPLER_PROJECT":"edge","DOPPLER_CONFIG":"prd"}'`;

/** A fake with its folder, and what comes of asking it. */
interface Rig {
  readonly doppler: FakeDoppler;
  readonly folder: string;
  readonly fetch: (env?: Readonly<Record<string, string>>) => Promise<DopplerSecrets>;
  readonly calls: () => string[];
}

function rig(context: TestContext, script: string, mode?: number): Rig {
  const folder = createFolder(context);
  const doppler = new FakeDoppler(folder, script, mode);
  const base = { PATH: doppler.path, HOME: folder, DOPPLER_TOKEN: TOKEN };
  return {
    doppler,
    folder,
    fetch: (env = {}) => fetchDopplerSecrets({ ...base, ...env }, folder),
    calls: () => readFileSync(doppler.callsFile, 'utf8').split('\n').filter(Boolean),
  };
}

test('asks once, without a project beside a token that is bound to one, and tells where the secrets are from', async (context) => {
  const { fetch, calls } = rig(context, ANSWER);
  const found = await fetch();
  assert.ok(found.kind === 'read');
  assert.equal(found.place, 'edge/prd');
  assert.equal(found.secrets['RWWWRSE_TIMEOUT'], '7s');
  assert.deepEqual(calls(), ['secrets download --no-file --format json']);
});

test('asks for the project and config of the variables, else for rwwwrse and dev with a token of a person', async (context) => {
  const { fetch, calls } = rig(context, ANSWER);
  await fetch({ DOPPLER_PROJECT: 'shop', DOPPLER_CONFIG: 'stg' });
  await fetch({ DOPPLER_TOKEN: 'dp.pt.topsecret' });
  assert.deepEqual(calls(), [
    'secrets download --no-file --format json --project shop --config stg',
    'secrets download --no-file --format json --project rwwwrse --config dev',
  ]);
});

test('is asked for by doppler.yaml or ~/.doppler.yaml as well, and by nothing else', async (context) => {
  const { fetch, calls, folder } = rig(context, ANSWER);
  assert.deepEqual(await fetch({ DOPPLER_TOKEN: '' }), { kind: 'unused' });
  assert.deepEqual(calls(), []);
  writeFileSync(join(folder, 'doppler.yaml'), 'setup: {project: edge, config: prd}\n');
  assert.equal((await fetch({ DOPPLER_TOKEN: '', HOME: '/nonexistent' })).kind, 'read');
  assert.deepEqual(calls(), ['secrets download --no-file --format json']);
  writeFileSync(join(folder, '.doppler.yaml'), '');
  const elsewhere = await fetchDopplerSecrets({ PATH: `${folder}/bin:/usr/bin:/bin`, HOME: folder }, '/');
  assert.equal(elsewhere.kind, 'read');
});

test('tries again after a failure, and takes what the third try brings', async (context) => {
  const { fetch, calls } = rig(context, `[ "$CALLS" -lt 3 ] && { echo "rate limited" >&2; exit 1; }\n${ANSWER}`);
  assert.equal((await fetch()).kind, 'read');
  assert.equal(calls().length, 3);
});

test('gives up after the retries, with the first line of what it said and without the token', async (context) => {
  const { fetch, calls } = rig(context, `echo "Doppler Error: ${TOKEN} is not valid" >&2; echo more >&2; exit 2`);
  const found = await fetch({ DOPPLER_RETRY_COUNT: '1' });
  assert.deepEqual(found, { kind: 'failed', reason: 'it ended with status 2: Doppler Error: *** is not valid' });
  assert.equal(calls().length, 2);
});

test('waits for one that is slow', async (context) => {
  const { fetch } = rig(context, `sleep 0.3; ${ANSWER}`);
  assert.equal((await fetch()).kind, 'read');
});

test('kills one that hangs, and what it started, at the timeout', async (context) => {
  const { fetch, calls, folder } = rig(context, `sleep 60 & echo $! >"$HOME/pid"; wait`);
  const found = await fetch({ DOPPLER_FETCH_TIMEOUT: '500ms' });
  assert.deepEqual(found, { kind: 'failed', reason: 'it took too long' });
  assert.equal(calls().length, 1, 'no further try');
  const pid = readFileSync(join(folder, 'pid'), 'utf8').trim();
  await until('its child ended', () => isGone(pid));
});

test('retries share one timeout', async (context) => {
  const { fetch, calls } = rig(context, 'sleep 0.5; exit 1');
  const found = await fetch({ DOPPLER_FETCH_TIMEOUT: '900ms', DOPPLER_RETRY_COUNT: '3' });
  assert.deepEqual(found, { kind: 'failed', reason: 'it took too long' });
  assert.equal(calls().length, 2);
});

test('takes nothing from rubbish, and does not show it', async (context) => {
  for (const output of ['topsecret', '["topsecret"]', '{"A":"topsecret"', '"topsecret"', 'null', '']) {
    const { fetch, calls } = rig(context, `printf '%s' '${output}'`);
    assert.deepEqual(await fetch(), { kind: 'failed', reason: 'it printed no JSON object' }, output);
    assert.equal(calls().length, 1, 'rubbish is not asked for twice');
  }
});

test('stops one that prints without end', async (context) => {
  const { fetch } = rig(context, 'yes topsecret');
  assert.deepEqual(await fetch(), { kind: 'failed', reason: 'it printed more than 8 MiB' });
});

test('takes large secrets whole', async (context) => {
  const { fetch } = rig(context, `printf '{"A":"'; head -c 3000000 /dev/zero | tr '\\0' x; printf '"}'`);
  const found = await fetch();
  assert.ok(found.kind === 'read' && found.secrets['A']?.length === 3_000_000);
});

test('one that may not be executed is none, which is told to who set the token', async (context) => {
  const { fetch } = rig(context, ANSWER, 0o644);
  const none = { kind: 'failed', reason: 'there is no program doppler on the PATH' };
  assert.deepEqual(await fetch(), none);
  assert.deepEqual(await fetch({ PATH: '' }), none);
});

test('one that no system can run is told', async (context) => {
  const { fetch, doppler } = rig(context, ANSWER);
  writeFileSync(join(doppler.folder, 'doppler'), '#!/nonexistent/shell\n');
  const found = await fetch();
  assert.deepEqual(found, { kind: 'failed', reason: 'it cannot be started (ENOENT)' });
});

test('refuses limits that are none', async (context) => {
  const { fetch, calls } = rig(context, ANSWER);
  const reasons = {
    DOPPLER_FETCH_TIMEOUT: 'DOPPLER_FETCH_TIMEOUT is no duration up to 1m0s',
    DOPPLER_RETRY_COUNT: 'DOPPLER_RETRY_COUNT is no whole number from 0 to 10',
  };
  for (const [name, reason] of Object.entries(reasons))
    for (const value of ['soon', '-1', '9999'])
      assert.deepEqual(await fetch({ [name]: value }), { kind: 'failed', reason }, `${name}=${value}`);
  assert.deepEqual(calls(), []);
});

function isGone(pid: string): boolean {
  return !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}
