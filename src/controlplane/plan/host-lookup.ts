import { isIP } from 'node:net';

/** Address of a host name or of an address; null when there is none. */
export type HostLookup = (host: string) => Promise<string | null>;

/** Told about a backend whose name has no address. */
export type UnresolvedSink = (name: string, code: string) => void;

/** Looks names up as the system does, hosts file included. */
export function systemLookup(onUnresolved: UnresolvedSink): HostLookup {
  return async (host) => {
    if (isIP(host) !== 0) return host;
    try {
      const { lookup } = await import('node:dns/promises');
      return (await lookup(host, { order: 'ipv4first' })).address;
    } catch (error) {
      onUnresolved(host, (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN');
      return null;
    }
  };
}

/** Looks nothing up: for those who only want to know what would be sent where. */
export const noLookup: HostLookup = () => Promise.resolve(null);
