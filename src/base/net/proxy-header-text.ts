import { isIPv4, isIPv6 } from 'node:net';
import type { NetEnd, ProxiedConnection } from './proxy-header.ts';

const V2_START = '\r\n\r\n\0\r\nQUIT\n';
const COMMAND_LOCAL = 0x20;
const COMMAND_PROXY = 0x21;
const FAMILY_UNSPECIFIED = 0x00;
const FAMILY_TCP4 = 0x11;
const FAMILY_TCP6 = 0x21;

/**
 * The PROXY header that tells a backend of a connection (HAProxy, "The PROXY protocol", 2.1 and 2.2). Addresses of different
 * families are told as IPv6 ones.
 *
 * @param connection null = there is no client, or it has no address: UNKNOWN in version 1, LOCAL in version 2
 */
export function proxyHeader(version: 1 | 2, connection: ProxiedConnection | null): Buffer {
  const told = connection !== null && isTold(connection.source) && isTold(connection.destination) ? connection : null;
  return version === 1 ? versionOne(told) : versionTwo(told);
}

function versionOne(connection: ProxiedConnection | null): Buffer {
  if (connection === null) return Buffer.from('PROXY UNKNOWN\r\n', 'latin1');
  const { source, destination } = connection;
  const isV4 = bothV4(connection);
  const [from, to] = [source, destination].map(({ address }) => (isV4 ? address : asIpv6(address)));
  return Buffer.from(`PROXY TCP${isV4 ? 4 : 6} ${from} ${to} ${source.port} ${destination.port}\r\n`, 'latin1');
}

function versionTwo(connection: ProxiedConnection | null): Buffer {
  const start = Buffer.from(V2_START, 'latin1');
  if (connection === null) return Buffer.concat([start, Buffer.from([COMMAND_LOCAL, FAMILY_UNSPECIFIED, 0, 0])]);
  const { source, destination } = connection;
  const isV4 = bothV4(connection);
  const addresses = [source, destination].map(({ address }) => (isV4 ? v4Bytes(address) : v6Bytes(asIpv6(address))));
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(destination.port, 2);
  const rest = Buffer.concat([...addresses, ports]);
  return Buffer.concat([start, Buffer.from([COMMAND_PROXY, isV4 ? FAMILY_TCP4 : FAMILY_TCP6, 0, rest.length]), rest]);
}

function isTold({ address }: NetEnd): boolean {
  return isIPv4(address) || (isIPv6(address) && !address.includes('%'));
}

function bothV4({ source, destination }: ProxiedConnection): boolean {
  return isIPv4(source.address) && isIPv4(destination.address);
}

function asIpv6(address: string): string {
  return isIPv4(address) ? `::ffff:${address}` : address;
}

function v4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

/** @param address any spelling of an IPv6 address without a zone */
function v6Bytes(address: string): Buffer {
  const dotted = address.slice(address.lastIndexOf(':') + 1);
  const tail = isIPv4(dotted)
    ? v4Bytes(dotted)
        .toString('hex')
        .replace(/(....)(....)/, '$1:$2')
    : null;
  const text = tail === null ? address : address.slice(0, -dotted.length) + tail;
  const [left = '', right] = text.split('::');
  const head = left === '' ? [] : left.split(':');
  const end = right === undefined || right === '' ? [] : right.split(':');
  const zeros = right === undefined ? [] : new Array<string>(8 - head.length - end.length).fill('0');
  return Buffer.from([...head, ...zeros, ...end].map((group) => group.padStart(4, '0')).join(''), 'hex');
}
