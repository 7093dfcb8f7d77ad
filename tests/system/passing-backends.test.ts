import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { GATE_ENTRIES } from '../../src/shared-memory/gate-cells.ts';
import { getOnce } from '../support/http-client.ts';
import { readMetrics } from '../support/metrics.ts';
import { startMoody } from '../support/moody-backend.ts';
import { startProgram } from '../support/program.ts';
import { createFolder } from '../support/yaml-program.ts';

/** Backends of one configuration, and those of them that fail a request. */
const BACKENDS = 2_000;
const ASKED = 5;
/** So many configurations bring more backends than there are gates. */
const ROUNDS = Math.ceil(GATE_ENTRIES / BACKENDS) + 1;

/** An address that nobody else in the test has; nobody asks there. */
function addressOf(round: number, backend: number): string {
  return `"http://127.${round}.${backend >> 8}.${backend & 255}:9"`;
}

test('a program that saw more backends than there are gates still has a breaker for each that it has now', async (context) => {
  const backend = await startMoody(context);
  const file = join(createFolder(context), 'config.yaml');
  const write = (round: number): void => {
    const passing = Array.from({ length: BACKENDS }, (_, i) => addressOf(round, i));
    const lines = [
      'passive_health: false',
      'circuit_breaker: { threshold: 1, timeout: 1h }',
      'routes:',
      `  passing: { path: /passing, targets: [${passing.join(', ')}] }`,
      // Another path of the target is another backend.
      `  shop: { path: /, target: "${backend.url}/${round}" }`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
  };
  write(1);
  const program = await startProgram(context, {
    args: ['--config', file],
    env: { RWWWRSE_HOT_RELOAD: 'false', RWWWRSE_REQUEST_LOGGING: 'false' },
  });
  for (let round = 2; round <= ROUNDS; round++) {
    for (let i = 0; i < ASKED; i++) await getOnce(program.port, '/passing');
    await program.untilLogged('circuit breaker opened', 10_000, ASKED * (round - 1));
    write(round);
    program.signal('SIGHUP');
    await program.untilLogged('configuration reloaded', 30_000, round - 1);
  }
  const label = `{backend="${backend.url}/${ROUNDS}"}`;
  const before = await readMetrics(program.port);
  const states = Array.from(before).filter(([name]) => name.startsWith('rwwwrse_circuit_breaker_state'));
  assert.equal(states.length, BACKENDS + 1);
  const turns = Array.from(before).filter(([name]) => name.startsWith('rwwwrse_circuit_breaker_transitions_total'));
  assert.deepEqual(
    [...states, ...turns].filter(([, value]) => value !== 0),
    [],
    'nobody has anything of those before',
  );
  backend.mood = 'busy';
  for (let i = 0; i < 6; i++) await getOnce(program.port, '/');
  assert.equal(backend.requests, 1, 'its breaker is open');
  const opened = await program.untilLogged('circuit breaker opened', 10_000, ASKED * (ROUNDS - 1) + 1);
  assert.equal(opened.backend, `${backend.url}/${ROUNDS}`);
  assert.equal((await readMetrics(program.port)).get(`rwwwrse_circuit_breaker_state${label}`), 2);
  const health = JSON.parse((await getOnce(program.port, '/health/*')).body) as { backends: { backend: string }[] };
  assert.partialDeepStrictEqual(
    health.backends.find(({ backend: name }) => name === `${backend.url}/${ROUNDS}`),
    { status_code: 503, consecutive_failures: 1, circuit: 'open' },
  );
  const complaints = program.log.filter(({ msg }) => msg.startsWith('too many backends'));
  assert.deepEqual(complaints, []);
});
