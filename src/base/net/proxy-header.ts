import { isIPv4, isIPv6 } from 'node:net';
import { crc32c } from '../hash/crc32c.ts';
import { normalizeAddress } from './cidr.ts';

/** One end of a TCP connection. */
export interface NetEnd {
  /** IPv4, or IPv6 in lower case; an IPv4-mapped address is the IPv4 one. */
  readonly address: string;
  readonly port: number;
}

/** The connection that a PROXY header speaks of. */
export interface ProxiedConnection {
  readonly source: NetEnd;
  readonly destination: NetEnd;
}

/** What the beginning of a connection came to. */
export type ProxyHeaderReading =
  /** More bytes are needed. */
  | { readonly kind: 'open' }
  /** No header, or a malformed one; the words say what is wrong. */
  | { readonly kind: 'invalid'; readonly problem: string }
  | {
      readonly kind: 'header';
      /** Bytes that it took. */
      readonly length: number;
      /** null: the sender speaks for itself (LOCAL, UNKNOWN, families without IP addresses); the connection's own ends hold. */
      readonly connection: ProxiedConnection | null;
    };

const OPEN: ProxyHeaderReading = { kind: 'open' };
const V1_START = Buffer.from('PROXY ', 'latin1');
const V2_START = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
/** Longest header of version 1 with its line end. */
const V1_LONGEST = 107;
const V2_FIXED = 16;
/** Longest header of version 2 that is read; the format would allow 64 KiB, real ones have a few hundred bytes. */
const V2_LONGEST = 4_096;
const CR = 0x0d;
const LF = 0x0a;

const COMMAND_LOCAL = 0x20;
const COMMAND_PROXY = 0x21;
const TLV_CRC32C = 0x03;
const TLV_HEAD = 3;

/** Address families with the bytes of their addresses and ports; 0x_0 has an unspecified transport and no addresses. */
const FAMILIES: ReadonlyMap<number, { readonly bytes: number; readonly addressBytes: 0 | 4 | 16 }> = new Map([
  [0x00, { bytes: 0, addressBytes: 0 }],
  [0x11, { bytes: 12, addressBytes: 4 }],
  [0x12, { bytes: 12, addressBytes: 4 }],
  [0x21, { bytes: 36, addressBytes: 16 }],
  [0x22, { bytes: 36, addressBytes: 16 }],
  [0x31, { bytes: 216, addressBytes: 0 }],
  [0x32, { bytes: 216, addressBytes: 0 }],
]);

/**
 * Reads the PROXY header, version 1 or 2, that a connection begins with (HAProxy, "The PROXY protocol", 2 and 5). Strict: one
 * spelling per address, no unknown command, family or length, and a checksum that is there must be right. The bytes are not
 * changed or kept.
 */
export function readProxyHeader(bytes: Buffer, start: number, end: number): ProxyHeaderReading {
  if (bytes[start] === V2_START[0]) return readVersion2(bytes, start, end);
  return readVersion1(bytes, start, end);
}

function readVersion1(bytes: Buffer, start: number, end: number): ProxyHeaderReading {
  const begun = Math.min(end - start, V1_START.length);
  if (bytes.compare(V1_START, 0, begun, start, start + begun) !== 0)
    return invalid('does not begin with a PROXY header');
  const limit = Math.min(end, start + V1_LONGEST);
  const stop = bytes.subarray(start, limit).indexOf(LF);
  if (stop < 0) return end - start >= V1_LONGEST ? invalid('has a PROXY line that is too long') : OPEN;
  if (bytes[start + stop - 1] !== CR) return invalid('has a PROXY line that does not end with CR LF');
  const text = bytes.latin1Slice(start + V1_START.length, start + stop - 1);
  const length = stop + 1;
  // What stands behind UNKNOWN is to be ignored (2.1).
  if (text === 'UNKNOWN' || text.startsWith('UNKNOWN ')) return { kind: 'header', length, connection: null };
  const [protocol, source = '', destination = '', sourcePort = '', destinationPort = '', ...rest] = text.split(' ');
  const isAddress = protocol === 'TCP4' ? isIPv4 : protocol === 'TCP6' ? isPlainIpv6 : null;
  if (isAddress === null) return invalid('has a PROXY line with an unknown protocol');
  const isSound =
    rest.length === 0 && isAddress(source) && isAddress(destination) && isPort(sourcePort) && isPort(destinationPort);
  if (!isSound) return invalid('has a PROXY line with malformed addresses');
  const connection = {
    source: { address: normalizeAddress(source) as string, port: Number(sourcePort) },
    destination: { address: normalizeAddress(destination) as string, port: Number(destinationPort) },
  };
  return { kind: 'header', length, connection };
}

function readVersion2(bytes: Buffer, start: number, end: number): ProxyHeaderReading {
  const begun = Math.min(end - start, V2_START.length);
  if (bytes.compare(V2_START, 0, begun, start, start + begun) !== 0)
    return invalid('does not begin with a PROXY header');
  if (end - start < V2_FIXED) return OPEN;
  const command = bytes[start + 12] as number;
  if (command !== COMMAND_LOCAL && command !== COMMAND_PROXY) return invalid('has a PROXY header of an unknown kind');
  const family = FAMILIES.get(bytes[start + 13] as number);
  if (family === undefined) return invalid('has a PROXY header with an unknown address family');
  const length = V2_FIXED + bytes.readUInt16BE(start + 14);
  if (length > V2_LONGEST) return invalid('has a PROXY header that is too long');
  if (command === COMMAND_PROXY && length < V2_FIXED + family.bytes)
    return invalid('has a PROXY header that is too short');
  if (end - start < length) return OPEN;
  const header = bytes.subarray(start, start + length);
  // A sender that speaks for itself says nothing about addresses, whatever stands there (2.2).
  if (command === COMMAND_LOCAL) return { kind: 'header', length, connection: null };
  const problem = problemOfExtensions(header, V2_FIXED + family.bytes);
  if (problem !== null) return invalid(problem);
  const connection = family.addressBytes === 0 ? null : connectionOf(header, family.addressBytes);
  return { kind: 'header', length, connection };
}

/** Extensions are passed over, but they must fill the header, and the checksum must be right. */
function problemOfExtensions(header: Buffer, from: number): string | null {
  let at = from;
  while (at < header.length) {
    if (at + TLV_HEAD > header.length) return 'has a PROXY header with a cut extension';
    const length = header.readUInt16BE(at + 1);
    const value = at + TLV_HEAD;
    if (value + length > header.length) return 'has a PROXY header with a cut extension';
    if (header[at] === TLV_CRC32C && !isChecksum(header, value, length))
      return 'has a PROXY header with a wrong checksum';
    at = value + length;
  }
  return null;
}

/** The checksum is that of the whole header with the checksum itself taken for zero (2.2.4). */
function isChecksum(header: Buffer, at: number, length: number): boolean {
  if (length !== 4) return false;
  const zeroed = Buffer.from(header);
  zeroed.fill(0, at, at + 4);
  return crc32c(zeroed) === header.readUInt32BE(at);
}

function connectionOf(header: Buffer, addressBytes: 4 | 16): ProxiedConnection {
  const ports = V2_FIXED + 2 * addressBytes;
  return {
    source: { address: addressText(header, V2_FIXED, addressBytes), port: header.readUInt16BE(ports) },
    destination: {
      address: addressText(header, V2_FIXED + addressBytes, addressBytes),
      port: header.readUInt16BE(ports + 2),
    },
  };
}

function addressText(bytes: Buffer, at: number, addressBytes: 4 | 16): string {
  if (addressBytes === 4) return bytes.subarray(at, at + 4).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i).toString(16));
  // The system's spelling, with the longest run of zeros left out, is what addresses are compared in.
  const { hostname } = new URL(`http://[${groups.join(':')}]`);
  return normalizeAddress(hostname.slice(1, -1)) as string;
}

function isPlainIpv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function invalid(problem: string): ProxyHeaderReading {
  return { kind: 'invalid', problem };
}
