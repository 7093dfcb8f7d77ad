import { once } from 'node:events';
import type { Environment } from './environment.ts';
import { type FromSuccessor, HANDOVER_VERSION, type HandoverOffer, type ToSuccessor } from './handover-message.ts';
import { VERSION } from '../base/version.ts';

/** Names the predecessor's process id in a successor's environment. */
export const SUCCESSOR_OF = 'RWWWRSE_SUCCESSOR_OF';

/** The running program that started this process to take its sockets over. */
export class Predecessor {
  readonly offer: HandoverOffer;

  private constructor(offer: HandoverOffer) {
    this.offer = offer;
  }

  /**
   * Meets the predecessor; null without one: a variable that only leaked in does not count. Rejects when it is gone before it
   * offered anything.
   */
  static async meet(env: Environment): Promise<Predecessor | null> {
    if (process.send === undefined || env[SUCCESSOR_OF] !== String(process.ppid)) return null;
    await tell({ type: 'hello', handover: HANDOVER_VERSION, version: VERSION });
    const offer = await nextMessage('offer');
    if (offer?.type !== 'offer') throw new Error('the running program ended before it handed its sockets over');
    return new Predecessor(offer);
  }

  /** Tells why this process cannot take over; it ends afterwards. */
  async failed(reason: string): Promise<void> {
    await tell({ type: 'failed', reason });
  }

  /** Tells that this process accepts connections; resolves when name, pid file and control socket are its own, or the predecessor is gone. */
  async release(): Promise<void> {
    const released = nextMessage('release');
    await tell({ type: 'ready' });
    await released;
  }

  /** Tells that this process has taken all over; nothing more is said afterwards. */
  async serving(): Promise<void> {
    await tell({ type: 'serving' });
    if (process.connected) process.disconnect?.();
  }
}

/** Resolves with the message, or with null when the channel closes before. */
async function nextMessage(type: ToSuccessor['type']): Promise<ToSuccessor | null> {
  if (!process.connected) return null;
  const { promise, resolve } = Promise.withResolvers<ToSuccessor>();
  const take = (message: unknown): void => {
    if ((message as ToSuccessor).type === type) resolve(message as ToSuccessor);
  };
  process.on('message', take);
  const first = await Promise.race([promise, once(process, 'disconnect').then(() => null)]);
  process.off('message', take);
  return first;
}

/** Resolves when the message is out, or cannot be: a predecessor that is gone needs none. */
function tell(message: FromSuccessor): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
