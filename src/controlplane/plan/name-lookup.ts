import type { ServiceRecord } from '../discovery/name-source.ts';

/** What a plan asks about names: each answer is what holds now, empty when nothing is known. */
export interface NameLookup {
  /** Addresses of a host name or of an address. */
  addresses(host: string): Promise<readonly string[]>;
  /** Backends that the SRV records of a name say. */
  services(name: string): Promise<readonly ServiceRecord[]>;
}

/** Looks nothing up: for those who only want to know what would be sent where. */
export const NO_LOOKUP: NameLookup = {
  addresses: () => Promise.resolve([]),
  services: () => Promise.resolve([]),
};
