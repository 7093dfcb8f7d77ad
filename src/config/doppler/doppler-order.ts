import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { formatDuration, parseDuration } from '../../base/time/duration.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** How secrets are fetched from Doppler (SPEC A.8). */
export interface DopplerOrder {
  /** The executable. */
  readonly file: string;
  readonly args: readonly string[];
  /** For the whole fetch, all tries and the waits between them. */
  readonly timeoutMs: number;
  /** Further tries after a failed one. */
  readonly retries: number;
  /** What no message may show. */
  readonly token: string;
}

/** Whether secrets are to be fetched: an order, a reason why none can be given, or null = nobody asks for it. */
export type DopplerWish = DopplerOrder | { readonly problem: string } | null;

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 60_000;
const DEFAULT_RETRIES = 3;
/** A token that is bound to one config of one project: naming another one beside it is an error of the program `doppler`. */
const SERVICE_TOKEN = /^dp\.st\./;

/**
 * Secrets are fetched when `DOPPLER_TOKEN` is set, or `doppler.yaml` lies in the working directory or `.doppler.yaml` in the home
 * directory. Without the program there is a problem to tell for who set the token, and nothing for who has the file.
 */
export function dopplerWish(env: Env, workingDirectory: string): DopplerWish {
  const token = env['DOPPLER_TOKEN']?.trim() ?? '';
  const isSetUp = existsSync(join(workingDirectory, 'doppler.yaml'));
  const isKnown = isSetUp || existsSync(join(env['HOME'] ?? '/nonexistent', '.doppler.yaml'));
  if (token === '' && !isKnown) return null;
  const file = programIn(env['PATH'] ?? '');
  if (file === null) return token === '' ? null : { problem: 'there is no program doppler on the PATH' };
  const timeoutMs = timeoutOf(env['DOPPLER_FETCH_TIMEOUT']);
  const retries = retriesOf(env['DOPPLER_RETRY_COUNT']);
  if (timeoutMs === null)
    return { problem: `DOPPLER_FETCH_TIMEOUT is no duration up to ${formatDuration(MAX_TIMEOUT_MS)}` };
  if (retries === null) return { problem: 'DOPPLER_RETRY_COUNT is no whole number from 0 to 10' };
  const place = placeArgs(env, isSetUp || SERVICE_TOKEN.test(token));
  const args = ['secrets', 'download', '--no-file', '--format', 'json', ...place];
  return { file, args, timeoutMs, retries, token };
}

/** The config to ask for; a token or a file that says it already is not contradicted unless a variable does. */
function placeArgs(env: Env, isSaid: boolean): string[] {
  const project = env['DOPPLER_PROJECT']?.trim() || (isSaid ? '' : 'rwwwrse');
  const config = env['DOPPLER_CONFIG']?.trim() || (isSaid ? '' : 'dev');
  return [...(project === '' ? [] : ['--project', project]), ...(config === '' ? [] : ['--config', config])];
}

/** The executable that a shell would start. */
function programIn(path: string): string | null {
  const files = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'doppler'));
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function timeoutOf(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return DEFAULT_TIMEOUT_MS;
  const timeoutMs = parseDuration(text.trim());
  return timeoutMs !== null && timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS ? timeoutMs : null;
}

function retriesOf(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return DEFAULT_RETRIES;
  return /^(?:\d|10)$/.test(text.trim()) ? Number(text) : null;
}
