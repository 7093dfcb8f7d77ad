import { setTimeout as wait } from 'node:timers/promises';

import type { DopplerOrder } from './doppler-order.ts';
import { dopplerWish } from './doppler-order.ts';
import { runDoppler } from './doppler-run.ts';
import type { DopplerRun } from './doppler-run.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What came of asking Doppler for secrets. */
export type DopplerSecrets =
  | { readonly kind: 'unused' }
  | {
      readonly kind: 'read';
      /** `project/config`, or what was asked for where the answer does not say it. */
      readonly place: string;
      readonly secrets: Readonly<Record<string, string>>;
    }
  /** In words, to be told as warning; it holds no secret. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Wait before the second try, doubled for each further one. */
const FIRST_WAIT_MS = 200;

/**
 * Fetches the secrets of Doppler (SPEC A.8 and F): by its own program, bounded in time and number of tries. Never throws: a
 * failure is a result, which the configuration goes on without.
 */
export async function fetchDopplerSecrets(env: Env, workingDirectory: string): Promise<DopplerSecrets> {
  const wish = dopplerWish(env, workingDirectory);
  if (wish === null) return { kind: 'unused' };
  if ('problem' in wish) return { kind: 'failed', reason: wish.problem };
  const run = await runWithRetries(wish, env);
  return 'output' in run ? secretsOf(run.output, env) : { kind: 'failed', reason: run.reason };
}

async function runWithRetries(order: DopplerOrder, env: Env): Promise<DopplerRun> {
  const start = performance.now();
  const left = (): number => order.timeoutMs - (performance.now() - start);
  const { file, args, token } = order;
  let run = await runDoppler({ file, args, token, env, deadlineMs: left() });
  for (let tries = 1; tries <= order.retries && 'reason' in run && !run.final; tries++) {
    const waitMs = FIRST_WAIT_MS * 2 ** (tries - 1);
    if (waitMs >= left()) break;
    await wait(waitMs);
    run = await runDoppler({ file, args, token, env, deadlineMs: Math.max(1, left()) });
  }
  return run;
}

function secretsOf(output: string, env: Env): DopplerSecrets {
  const map = parseMap(output);
  if (map === null) return { kind: 'failed', reason: 'it printed no JSON object' };
  const entries = Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const secrets = Object.fromEntries(entries);
  const [project, config] = ['DOPPLER_PROJECT', 'DOPPLER_CONFIG'].map((name) => secrets[name] ?? env[name] ?? '?');
  return { kind: 'read', place: `${project}/${config}`, secrets };
}

function parseMap(text: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
