import type { Socket } from 'node:net';
import type { CheckFailure } from '../../base/errors/check-failures.ts';
import { type CheckOutcome, type CheckVerdict, failed } from './check.ts';
import { Patience } from './patience.ts';

/** What a check is doing: decides what an error or the end of its time means. */
export type CheckPhase = 'resolve' | 'connect' | 'tls' | 'answer';

const ON_TIMEOUT: Readonly<Record<CheckPhase, CheckFailure>> = {
  resolve: 'unresolved',
  connect: 'connect_timeout',
  tls: 'answer_timeout',
  answer: 'answer_timeout',
};
const ON_ERROR: Readonly<Record<CheckPhase, CheckFailure>> = {
  resolve: 'unresolved',
  connect: 'connect_failed',
  tls: 'tls_failed',
  answer: 'answer_incomplete',
};
/** ENOENT: the socket file of a backend that does not run. */
const REFUSED: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT']);
/** What resolvers say; some clients look a name up while they connect. */
const UNRESOLVED: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'ESERVFAIL', 'ETIMEOUT']);

/** What belongs to one check that runs: its sockets, which end with it, and its time. */
export class CheckScope {
  phase: CheckPhase = 'connect';
  /** Whether the connection ended without the closing alert of TLS, so that an answer without a length may not be all of it. */
  isCutShort: () => boolean = () => false;
  private readonly patience: Patience;
  private readonly sockets: Socket[] = [];
  private ended = false;

  /** @param over called when the time is over */
  constructor(timeoutMs: number, over: () => void) {
    this.patience = new Patience(timeoutMs, over);
  }

  /** What is left of the check's time. */
  get remainingMs(): number {
    return this.patience.remainingMs;
  }

  /** Makes a socket end with the check, and its late errors nobody's business; it does not keep the process alive. */
  own<T extends Socket>(socket: T): T {
    socket.on('error', () => undefined);
    socket.unref();
    if (this.ended) socket.destroy();
    else this.sockets.push(socket);
    return socket;
  }

  /** Ends everything. */
  end(): void {
    this.ended = true;
    this.patience.stop();
    for (const socket of this.sockets) socket.destroy();
  }
}

/**
 * Runs a check for `timeoutMs` at most, whatever it waits for, and leaves nothing open.
 *
 * @param body throws what sockets throw
 */
export async function runCheck(
  timeoutMs: number,
  body: (scope: CheckScope) => Promise<CheckVerdict>,
): Promise<CheckOutcome> {
  const startMs = performance.now();
  const { promise: timeout, resolve } = Promise.withResolvers<CheckVerdict>();
  const scope = new CheckScope(timeoutMs, () => resolve(failed(ON_TIMEOUT[scope.phase])));
  const attempt = body(scope).catch((error: unknown) => verdictOf(error, scope.phase));
  const verdict = await Promise.race([attempt, timeout]);
  scope.end();
  return { ...verdict, durationMs: performance.now() - startMs };
}

function verdictOf(error: unknown, phase: CheckPhase): CheckVerdict {
  const { code, message } = error as NodeJS.ErrnoException;
  const detail = code ?? message;
  if (UNRESOLVED.has(detail)) return failed('unresolved', detail);
  // Under TLS 1.3 a server refuses a certificate of the client only after the handshake.
  if (/^ERR_(?:SSL|TLS)/.test(detail)) return failed('tls_failed', detail);
  if (phase === 'connect' && REFUSED.has(detail)) return failed('connect_refused', detail);
  if (phase === 'connect' && detail === 'ETIMEDOUT') return failed('connect_timeout', detail);
  return failed(ON_ERROR[phase], detail);
}
