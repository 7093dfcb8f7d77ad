import { readFileSync, readlinkSync } from 'node:fs';
import { endianness } from 'node:os';

/** Where a listening socket is bound, as the kernel says it. */
export type BoundAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** State LISTEN of TCP sockets in /proc/net/tcp. */
const TCP_LISTENS = '0A';
/** Flag SO_ACCEPTCON of unix sockets in /proc/net/unix. */
const UNIX_LISTENS = 0x10000;
const WORD_DIGITS = 8;

/**
 * The address of a listening socket of this process; null when the descriptor is no such socket. Linux: Node can ask a
 * descriptor for its address only by accepting from it.
 */
export function addressOfDescriptor(fd: number): BoundAddress | null {
  const inode = inodeOf(fd);
  if (inode === null) return null;
  return (
    tcpAddress(read('/proc/self/net/tcp'), inode) ??
    tcpAddress(read('/proc/self/net/tcp6'), inode) ??
    unixAddress(inode)
  );
}

/** The address in a line of /proc/net/tcp or tcp6 for an inode that listens; null without one. */
function tcpAddress(table: string, inode: string): BoundAddress | null {
  for (const line of table.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const [, local = '', , state] = fields;
    if (fields[9] !== inode || state !== TCP_LISTENS) continue;
    const [digits = '', port = ''] = local.split(':');
    return { kind: 'tcp', host: hostOf(digits), port: Number.parseInt(port, 16) };
  }
  return null;
}

function unixAddress(inode: string): BoundAddress | null {
  for (const line of read('/proc/self/net/unix').split('\n')) {
    const [, flags = '', found, path] = /^\S+ \S+ \S+ (\S+) \S+ \S+ +(\d+) (\/.*)$/.exec(line) ?? [];
    if (found === inode && path !== undefined && (Number.parseInt(flags, 16) & UNIX_LISTENS) !== 0)
      return { kind: 'unix', path };
  }
  return null;
}

/** Words of 32 bits in the byte order of the machine, as hexadecimal digits. */
function hostOf(digits: string): string {
  const bytes: number[] = [];
  for (let start = 0; start < digits.length; start += WORD_DIGITS) {
    const word = digits.slice(start, start + WORD_DIGITS).match(/../g) ?? [];
    const ordered = endianness() === 'LE' ? word.toReversed() : word;
    bytes.push(...ordered.map((pair) => Number.parseInt(pair, 16)));
  }
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  // The shortest form, as a URL writes it.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function inodeOf(fd: number): string | null {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? null;
  } catch {
    return null;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
