import type { ListenAddress, ListenerSettings } from '../../config/resolved-config.ts';
import { addressText } from './bind.ts';
import type { HandedSocket } from './handed-sockets.ts';
import type { BoundAddress } from './listening-addresses.ts';

/** First descriptor that a service manager passes (sd_listen_fds(3)). */
const FIRST_FD = 3;
const UNSPECIFIED = new Set(['', '0.0.0.0', '::']);

/** What the environment says of passed sockets. */
export interface ActivationContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Where a descriptor listens; null when it is no listening socket. */
  readonly addressOf: (fd: number) => BoundAddress | null;
}

/**
 * The sockets that a service manager opened for this process (socket activation), each for the listener on its address; where
 * several listeners fit, for the one that the socket is named after. Sockets for another process are none of ours.
 *
 * @returns a text when a socket fits no listener: open and without anybody who accepts it would swallow connections
 */
export function activatedSockets(
  listeners: readonly ListenerSettings[],
  { env, pid, addressOf }: ActivationContext,
): readonly HandedSocket[] | string {
  const count = env['LISTEN_PID'] === String(pid) ? Number(env['LISTEN_FDS'] ?? 0) : 0;
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':');
  const sockets: HandedSocket[] = [];
  for (let place = 0; place < count; place++) {
    const fd = FIRST_FD + place;
    const name = names[place] ?? '';
    const bound = addressOf(fd);
    if (bound === null)
      return `descriptor ${fd} (${name}) of the service manager is no listening TCP or unix socket (ListenStream=)`;
    const fitting = listeners.filter(({ address }) => fits(address, bound));
    const listener = fitting.find((each) => each.name === name) ?? fitting[0];
    if (listener === undefined) {
      const known = listeners.map((each) => `${each.name} ${addressText(each.address)}`).join(', ');
      return `the service manager passes a socket (${name}) on ${boundText(bound)}, where no listener is; configured are ${known}`;
    }
    sockets.push({ listener: listener.name, address: listener.address, fd });
  }
  return sockets;
}

/**
 * How many workers can serve passed sockets: a worker without one could not open it, since the service manager owns the address.
 * Infinity without TCP sockets.
 */
export function workersFor(sockets: readonly HandedSocket[]): number {
  const counts = new Map<string, number>();
  for (const { address } of sockets)
    if (address.kind === 'tcp') counts.set(addressText(address), (counts.get(addressText(address)) ?? 0) + 1);
  return Math.min(...counts.values());
}

/** On all addresses is on all addresses: of IPv6 the kernel does not tell whether it takes IPv4, too. */
function fits(address: ListenAddress, bound: BoundAddress): boolean {
  if (address.kind === 'unix' || bound.kind === 'unix')
    return address.kind === 'unix' && bound.kind === 'unix' && address.path === bound.path;
  if (address.port !== bound.port) return false;
  return address.host === bound.host || (UNSPECIFIED.has(address.host) && UNSPECIFIED.has(bound.host));
}

function boundText(bound: BoundAddress): string {
  return addressText(bound.kind === 'tcp' ? { ...bound, ipv6Only: false } : { ...bound, mode: 0 });
}
