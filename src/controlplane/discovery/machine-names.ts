import { readFile, stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { type HostsTable, parseHosts } from './hosts-file.ts';

/** Files that say how this machine resolves names. */
export interface NameFiles {
  readonly hosts: string;
  readonly resolver: string;
}

const SYSTEM_FILES: NameFiles = { hosts: '/etc/hosts', resolver: '/etc/resolv.conf' };
/** Facts are looked at again after so long: thousands of names must not mean thousands of reads. */
const KEPT_MS = 1_000;

/** How this machine resolves names, at one moment. */
export interface MachineNames {
  readonly hosts: HostsTable;
  /** Changes with the file that names the name servers. */
  readonly resolverStamp: string;
  /** Which IPv6 addresses can be reached at all. */
  readonly ipv6: 'all' | 'loopback' | 'none';
}

/** Reads how this machine resolves names, at most once a second. */
export class MachineNamesReader {
  private readonly files: NameFiles;
  private read: Promise<MachineNames> | null = null;
  private readMs = 0;

  constructor(files: NameFiles = SYSTEM_FILES) {
    this.files = files;
  }

  /** The facts of now. */
  current(): Promise<MachineNames> {
    const nowMs = performance.now();
    if (this.read === null || nowMs - this.readMs >= KEPT_MS) {
      this.readMs = nowMs;
      this.read = this.readNow();
    }
    return this.read;
  }

  private async readNow(): Promise<MachineNames> {
    const [text, resolver] = await Promise.all([
      readFile(this.files.hosts, 'utf8').catch(() => ''),
      stat(this.files.resolver).catch(() => null),
    ]);
    const resolverStamp = resolver === null ? '' : `${resolver.ino} ${resolver.size} ${resolver.mtimeMs}`;
    return { hosts: parseHosts(text), resolverStamp, ipv6: reachableIpv6() };
  }
}

/** Without an address of its own a machine has no way to IPv6 addresses of others (RFC 3493 6.1, AI_ADDRCONFIG). */
function reachableIpv6(): MachineNames['ipv6'] {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const addresses = own.filter(({ family }) => family === 'IPv6');
  if (addresses.some(({ internal, scopeid }) => !internal && scopeid === 0)) return 'all';
  return addresses.some(({ internal }) => internal) ? 'loopback' : 'none';
}
