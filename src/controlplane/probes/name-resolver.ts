import { isIP, type LookupFunction } from 'node:net';

/** Finds the addresses of a name; rejects, or finds none, when it has none. */
export type AddressLookup = (host: string) => Promise<readonly string[]>;

/** Looks names up for checks, each name once at a time: a resolver that hangs is asked once per name, not once per check. */
export class NameResolver {
  private readonly lookup: AddressLookup;
  private readonly pending: Map<string, Promise<readonly string[]>> = new Map();

  constructor(lookup: AddressLookup) {
    this.lookup = lookup;
  }

  /** Addresses of a name; an address is its own. Rejects with the resolver's error. */
  resolve(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return Promise.resolve([host]);
    const known = this.pending.get(host);
    if (known !== undefined) return known;
    const asked = this.lookup(host).finally(() => this.pending.delete(host));
    this.pending.set(host, asked);
    return asked;
  }

  /** The same for sockets that look their names up themselves; they get the first address. */
  asLookup(): LookupFunction {
    return (host, _options, callback) => {
      this.resolve(host).then(
        ([address = '']) =>
          address === ''
            ? callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '')
            : callback(null, address, isIP(address)),
        (error: NodeJS.ErrnoException) => callback(error, ''),
      );
    };
  }
}
