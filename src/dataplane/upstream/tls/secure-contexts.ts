import type * as NodeTls from 'node:tls';
import type { BackendTlsSettings } from '../../../config/resilience-settings.ts';
import { loadTls } from './load-tls.ts';

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
