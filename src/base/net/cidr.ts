import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** One network of a {@link CidrSet}. */
interface Cidr {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

const PREFIX = /^(?:0|[1-9]\d{0,2})$/;
const MAPPED_DOTTED = /^(?:0{0,4}:){0,5}:?ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const MAPPED_HEX = /^(?:0{0,4}:){0,5}:?ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i;
/** Bits of `::ffff:0:0/96` (RFC 4291 2.5.5.2). */
const MAPPED_PREFIX = 96;

/**
 * An address in the one form used for comparing: IPv6 in lower case, an IPv4-mapped IPv6 address as plain IPv4, since a
 * dual-stack socket reports IPv4 clients that way and an IPv4 rule must hold for them.
 *
 * @returns null for anything but an IP address; zone ids (`fe80::1%eth0`) are refused, although `net.isIP` takes them
 */
export function normalizeAddress(text: string): string | null {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes('%')) return null;
  const dotted = MAPPED_DOTTED.exec(text);
  if (dotted !== null) return dotted[1] as string;
  const hex = MAPPED_HEX.exec(text);
  if (hex === null) return text.toLowerCase();
  const high = Number.parseInt(hex[1] as string, 16);
  const low = Number.parseInt(hex[2] as string, 16);
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}

/**
 * A network in CIDR notation (RFC 4632), or a single address. Bits behind the prefix are ignored. A mapped IPv4 network
 * (`::ffff:10.0.0.0/104`) is the IPv4 network.
 *
 * @returns null for anything else, zone ids and mapped networks wider than the mapped range included
 */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/');
  const written = slash < 0 ? text : text.slice(0, slash);
  const address = normalizeAddress(written);
  if (address === null) return null;
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const bits = family === 'ipv4' ? 32 : 128;
  if (slash < 0) return { address, prefix: bits, family };
  const digits = text.slice(slash + 1);
  if (!PREFIX.test(digits)) return null;
  const shift = family === 'ipv4' && isIPv6(written) ? MAPPED_PREFIX : 0;
  const prefix = Number(digits) - shift;
  return prefix < 0 || prefix > bits ? null : { address, prefix, family };
}

/**
 * An immutable set of networks over `net.BlockList`; a look-up parses the address, so ask per connection, not per
 * field.
 */
export class CidrSet {
  /** Number of networks. */
  readonly size: number;
  /** Apart, since a BlockList lets `::/0` match IPv4 addresses too. */
  private readonly lists = { ipv4: new BlockList(), ipv6: new BlockList() };

  /** @throws {RangeError} for a text that {@link parseCidr} refuses; configuration is checked before it comes here */
  constructor(cidrs: readonly string[]) {
    this.size = cidrs.length;
    for (const text of cidrs) {
      const cidr = parseCidr(text);
      if (cidr === null) throw new RangeError(`not a CIDR: ${text}`);
      this.lists[cidr.family].addSubnet(cidr.address, cidr.prefix, cidr.family);
    }
  }

  /** Whether an address is in the set; false for what is no address and for one with a zone id. */
  has(address: string): boolean {
    if (this.size === 0) return false;
    const normalized = normalizeAddress(address);
    if (normalized === null) return false;
    const family = isIPv4(normalized) ? 'ipv4' : 'ipv6';
    return this.lists[family].check(normalized, family);
  }
}
