import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { ListenAddress } from '../../config/resolved-config.ts';

/** What decides where an instance can be asked. */
export interface ControlPlace {
  readonly pidFile: string | null;
  /** Address of the first listener. */
  readonly address: ListenAddress;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user of the process. */
  readonly uid: number;
}

const HASH_DIGITS = 16;

/**
 * Where the control socket of an instance is: beside its pid file, else in the user's runtime folder under the address of its
 * first listener, which two programs of one machine cannot share. The instance and the commands that look for it compute the
 * same path from the same configuration.
 */
export function controlPath({ pidFile, address, env, uid }: ControlPlace): string {
  if (pidFile !== null) return `${pidFile}.sock`;
  return join(runtimeFolder(env, uid), `${nameOf(address)}.sock`);
}

/** A path is hashed: a name has no slashes, and a socket's path is short. */
function nameOf(address: ListenAddress): string {
  if (address.kind === 'unix') return createHash('sha256').update(address.path).digest('hex').slice(0, HASH_DIGITS);
  return `${address.host === '' ? '0.0.0.0' : address.host}:${address.port}`;
}

/**
 * Makes the runtime folder of a control socket where it is missing, for this user alone. A folder that others may write is
 * refused: in /tmp anybody could have made it first, and would own what is put there.
 *
 * @throws an error whose message is for the operator
 */
export function prepareRuntimeFolder(path: string, place: ControlPlace): void {
  const folder = dirname(path);
  if (folder !== runtimeFolder(place.env, place.uid)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== place.uid || (found.mode & 0o022) !== 0)
    throw new Error(`${folder} is not a folder that belongs to this user alone`);
}

function runtimeFolder(env: ControlPlace['env'], uid: number): string {
  const own = env['XDG_RUNTIME_DIR'] ?? '';
  if (isAbsolute(own)) return join(own, 'rwwwrse');
  return uid === 0 ? '/run/rwwwrse' : join(tmpdir(), `rwwwrse-${uid}`);
}
