import type * as NodeTls from 'node:tls';
import type { BackendTlsSettings } from '../../../config/resilience-settings.ts';

let loaded: typeof NodeTls | null = null;

/**
 * Node's TLS module, loaded by the first secured backend: workers without one do not pay for it. Certificate authorities are
 * the system's then, as every other program of the machine trusts them, with those of NODE_EXTRA_CA_CERTS, and Node's own list
 * only where the system has none (a container without `ca-certificates`).
 */
export function loadTls(): typeof NodeTls {
  if (loaded !== null) return loaded;
  loaded = process.getBuiltinModule('node:tls');
  const system = loaded.getCACertificates('system');
  if (system.length > 0) loaded.setDefaultCACertificates([...system, ...loaded.getCACertificates('extra')]);
  return loaded;
}

/**
 * Secure contexts of the backends of a worker. Backends with the same certificates share one: parsing a list of authorities
 * takes milliseconds and a context of its own up to a megabyte. What no backend uses any more is given up.
 */
export class SecureContexts {
  private readonly contexts: Map<string, WeakRef<NodeTls.SecureContext>> = new Map();

  /**
   * The context of these settings.
   *
   * @throws when a certificate or key cannot be read; configuration is checked before it comes here
   */
  of({ ca, certificate, key }: BackendTlsSettings): NodeTls.SecureContext {
    const id = JSON.stringify([ca, certificate, key]);
    const known = this.contexts.get(id)?.deref();
    if (known !== undefined) return known;
    for (const [other, context] of this.contexts) if (context.deref() === undefined) this.contexts.delete(other);
    const made = loadTls().createSecureContext({
      ...(ca === null ? {} : { ca }),
      ...(certificate === null || key === null ? {} : { cert: certificate, key }),
    });
    this.contexts.set(id, new WeakRef(made));
    return made;
  }
}
