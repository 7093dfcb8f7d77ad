import type * as NodeTls from 'node:tls';

let loaded: typeof NodeTls | null = null;

/**
 * Node's TLS module, loaded by the first secured backend: threads without one do not pay for it. Certificate authorities are the
 * system's then, as every other program of the machine trusts them, with those of NODE_EXTRA_CA_CERTS, and Node's own list only
 * where the system has none (a container without `ca-certificates`).
 */
export function loadTls(): typeof NodeTls {
  const steps = loadTlsInSteps();
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

/**
 * As {@link loadTls}, in steps of 10 ms and less for a thread that serves meanwhile, where {@link readSystemAuthorities} was
 * called before.
 */
export function* loadTlsInSteps(): Generator<void, typeof NodeTls> {
  if (loaded !== null) return loaded;
  const tls = process.getBuiltinModule('node:tls');
  yield;
  const authorities = systemAuthorities(tls);
  yield;
  if (authorities.length > 0) tls.setDefaultCACertificates(authorities);
  yield;
  // The first context that takes the default authorities makes the list that all later ones share.
  tls.createSecureContext();
  yield;
  loaded = tls;
  return tls;
}

/**
 * Reads the authorities of the system, which takes 50 ms or more and is done once in a process: a thread that nobody waits for
 * does it for those that serve.
 */
export function readSystemAuthorities(): void {
  process.getBuiltinModule('node:tls').getCACertificates('system');
}

/** The system has most of its authorities in several files; each is parsed as often as it is named. */
function systemAuthorities(tls: typeof NodeTls): string[] {
  const system = tls.getCACertificates('system');
  return system.length === 0 ? [] : [...new Set([...system, ...tls.getCACertificates('extra')])];
}
