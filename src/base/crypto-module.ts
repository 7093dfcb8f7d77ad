import type * as NodeCrypto from 'node:crypto';

let loaded: typeof NodeCrypto | null = null;

/**
 * `node:crypto`, loaded by whatever in a worker needs it first (sticky cookies, a limit of connections per client, WebSockets, UUIDs):
 * 1.4 MB per thread that workers without these do not pay.
 */
export function loadCrypto(): typeof NodeCrypto {
  loaded ??= process.getBuiltinModule('node:crypto');
  return loaded;
}
