import { connect, type Socket } from 'node:net';
import { fenced } from './fence.ts';
import { HandleWire } from './handle-wire.ts';
import { STREAM_BINDING, streamHandleOf } from './stream-binding.ts';
import { StreamWire } from './stream-wire.ts';
import { KEEP_ALIVE_DELAY_MS, type Wire, type WireOwner } from './wire.ts';

/** Which wire plain sockets get: `handle` where the runtime allows it. */
export type WireKind = 'handle' | 'stream';

let kind: WireKind = STREAM_BINDING === null ? 'stream' : 'handle';

/** Chooses the wire of sockets opened from now on; `handle` falls back to `stream` where the runtime does not have it. */
export function selectWire(wanted: WireKind): WireKind {
  kind = STREAM_BINDING === null ? 'stream' : wanted;
  return kind;
}

/** Makes a wire of a connected, paused socket that nothing was read from. */
export function openWire(socket: Socket, owner: WireOwner): Wire {
  const handle = kind === 'handle' ? streamHandleOf(socket) : null;
  return handle === null ? new StreamWire(socket, owner) : new HandleWire(socket, handle, owner);
}

/** Where a wire connects to: a numeric address, since nothing in a worker resolves names (DESIGN.md 5), or a socket path. */
export type WireTarget = { readonly host: string; readonly port: number } | { readonly path: string };

/** Why there is no connection. */
export interface ConnectFailure {
  /** Of the system, or of the TLS library. */
  readonly code: string;
  /** For people. */
  readonly text: string;
  /** The connection was there, but could not be secured. */
  readonly isTls: boolean;
}

/** Gets the outcome of a connection attempt, exactly once, never after `cancel`. */
export interface ConnectOwner {
  /** @param open makes the wire for whoever is to own it */
  wireOpened(open: (owner: WireOwner) => Wire): void;
  wireRefused(failure: ConnectFailure): void;
}

/** A connection attempt that is under way. */
export interface Connecting {
  cancel(): void;
}

/** A socket that connects, is paused, and stays open for writing when the other side ends. */
export function connectSocket(target: WireTarget): Socket {
  const options = 'path' in target ? target : { host: target.host, port: target.port, noDelay: true };
  const socket = connect({
    ...options,
    allowHalfOpen: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
  });
  return socket.pause();
}

/** The system's refusal of a connection. */
export function connectFailure(error: NodeJS.ErrnoException): ConnectFailure {
  const code = error.code ?? 'EUNKNOWN';
  return { code, text: code, isTls: false };
}

/**
 * Starts to connect; the owner hears of it from the event loop, never from inside this call.
 *
 * @param preface bytes that go out before anything else, or null
 */
export function connectWire(target: WireTarget, preface: Buffer | null, owner: ConnectOwner): Connecting {
  const socket = connectSocket(target);
  let settled = false;
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (settled) return;
    settled = true;
    fenced(() => owner.wireRefused(connectFailure(error)));
  });
  socket.once('connect', () => {
    if (settled) return;
    settled = true;
    fenced(() => owner.wireOpened((wireOwner) => openWithPreface(socket, preface, wireOwner)));
  });
  return {
    cancel() {
      settled = true;
      socket.destroy();
    },
  };
}

function openWithPreface(socket: Socket, preface: Buffer | null, owner: WireOwner): Wire {
  const wire = openWire(socket, owner);
  if (preface !== null) wire.writeOwned(preface);
  return wire;
}
