import { normalizeAddress } from '../../base/net/cidr.ts';

/** Addresses by name, in the order of the file. */
export type HostsTable = ReadonlyMap<string, readonly string[]>;

/** Reads a hosts file (hosts(5)): an address and its names per line; what is no address is passed over, as the system does. */
export function parseHosts(text: string): HostsTable {
  const table = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [written = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = normalizeAddress(written);
    if (address === null) continue;
    for (const name of names) {
      const known = table.get(name.toLowerCase()) ?? [];
      if (!known.includes(address)) known.push(address);
      table.set(name.toLowerCase(), known);
    }
  }
  return table;
}
