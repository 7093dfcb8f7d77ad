import type { HandedSocket } from '../controlplane/sockets/handed-sockets.ts';

/**
 * Version of the messages between a program and its successor; raised when their meaning changes. A program hands its sockets
 * to a successor of the same number only.
 */
export const HANDOVER_VERSION = 1;

/** What a program offers its successor. */
export interface HandoverOffer {
  readonly type: 'offer';
  /** Descriptors as they are numbered in the successor. */
  readonly sockets: readonly HandedSocket[];
  /** A service manager owns the addresses of the sockets. */
  readonly isPinned: boolean;
  /** `upgrade`: the program goes on when the successor gives up; `rescue`: it cannot. */
  readonly purpose: 'upgrade' | 'rescue';
  /** Signs sticky cookies where the configuration has no secret of its own, so that clients stay with their backends. */
  readonly stickySecret: string;
}

/** From a program to its successor. `release`: take the name, the pid file and the control socket. */
export type ToSuccessor = HandoverOffer | { readonly type: 'release' };

/** From a successor to the program that started it. */
export type FromSuccessor =
  | { readonly type: 'hello'; readonly handover: number; readonly version: string }
  | { readonly type: 'ready' }
  | { readonly type: 'serving' }
  | { readonly type: 'failed'; readonly reason: string };

/** Reads a message of a successor, which may be of any version; null when it makes no sense here. */
export function parseFromSuccessor(message: unknown): FromSuccessor | null {
  if (typeof message !== 'object' || message === null || !('type' in message)) return null;
  const { type, handover, version, reason } = message as Readonly<Record<string, unknown>>;
  if (type === 'ready' || type === 'serving') return { type };
  if (type === 'failed' && typeof reason === 'string') return { type, reason };
  if (type !== 'hello' || typeof handover !== 'number') return null;
  return { type, handover, version: String(version) };
}
