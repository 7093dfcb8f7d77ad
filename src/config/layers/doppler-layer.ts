import type { DopplerSecrets } from '../doppler/doppler-secrets.ts';
import { dopplerOrigin } from '../origin.ts';
import type { ConfigProblem } from '../problem.ts';
import { layerOfVariables } from './env-layer.ts';
import type { Layer } from './layer.ts';

/** `PORT` is the alias for platforms that choose the port; in a store that several programs share it is another one's. */
const OTHERS: ReadonlySet<string> = new Set(['PORT']);

/** Layer of the secrets of Doppler, named like variables; above the environment (SPEC A.0). */
export function dopplerLayer(found: DopplerSecrets): Layer {
  if (found.kind === 'unused') return { entries: [], problems: [] };
  if (found.kind === 'failed') return { entries: [], problems: [failure(found.reason)] };
  const origin = dopplerOrigin(found.place);
  const names = Object.keys(found.secrets).filter((name) => !OTHERS.has(name));
  const variables = names.toSorted().map((name) => ({ name, value: found.secrets[name] ?? '', origin }));
  return layerOfVariables(variables, origin.text);
}

function failure(reason: string): ConfigProblem {
  const message = `no secrets are taken from Doppler: ${reason}`;
  return { severity: 'warning', key: 'doppler', origin: 'doppler', message };
}
