import { hostText } from '../../base/net/endpoint-host.ts';
import type { WorkerLog } from '../../telemetry/logs/worker-log.ts';
import type { WireTarget } from '../wire/open.ts';
import type { AddressFailure } from './opening.ts';

/** The same failure of a backend is told again after so long. */
const REPEAT_MS = 10_000;

/**
 * Tells why connections to one backend could not be made where no request's own log line says it: the TLS library's reason, and
 * addresses that were skipped in favour of others. Once per cause and {@link REPEAT_MS}: a backend that is down must not fill the log.
 */
export class ConnectLog {
  private readonly log: WorkerLog | null;
  private readonly backend: string;
  private readonly toldMs: Map<string, number> = new Map();

  /** @param log null = nobody is told */
  constructor(log: WorkerLog | null, backend: string) {
    this.log = log;
    this.backend = backend;
  }

  /** An address could not be connected to. */
  addressFailed({ target, code, text, isLast }: AddressFailure): void {
    const isTls = code === 'backend_tls_failed' || code === 'backend_certificate_invalid';
    if (isLast && !isTls) return;
    const address = addressText(target);
    this.tell(`${address} ${text}`, 'backend address cannot be connected to', { address, code, error: text });
  }

  /** The backend ended a connection with a TLS alert after the handshake, such as for want of a client certificate. */
  alerted(cause: string): void {
    this.tell(cause, 'backend ended a connection with a TLS alert', { error: cause });
  }

  private tell(id: string, message: string, values: Readonly<Record<string, string>>): void {
    if (this.log === null || !this.log.writes('warn')) return;
    const nowMs = performance.now();
    for (const [other, toldMs] of this.toldMs) if (nowMs - toldMs >= REPEAT_MS) this.toldMs.delete(other);
    if (this.toldMs.has(id)) return;
    this.toldMs.set(id, nowMs);
    this.log.write('warn', message, { backend: this.backend, ...values });
  }
}

function addressText(target: WireTarget): string {
  return 'path' in target ? target.path : `${hostText(target.host)}:${target.port}`;
}
