import type { ResponseHead } from '../../base/http1/response-head.ts';
import type { BodySource } from '../../dataplane/exchange/body.ts';
import type { AnsweredRequest, Downstream, TunnelSide } from '../../dataplane/exchange/downstream.ts';
import type { OperationsView } from '../../dataplane/exchange/operations-view.ts';
import type { Reply } from '../../dataplane/exchange/reply.ts';
import type { LeaseWaiter, UpstreamBackend, UpstreamConnection } from '../../dataplane/exchange/upstream.ts';
import type { BackendSource } from '../../dataplane/snapshot/compile-context.ts';
import type { BackendTarget } from '../../dataplane/upstream/registry.ts';

/** Backends that send nothing: they keep the head that would have been sent. */
export class ProbeBackends implements BackendSource {
  /** Head of the request, once a backend was asked. */
  head: string | null = null;
  /** The backend that was asked. */
  chosen: string | null = null;
  private readonly backends: Map<string, UpstreamBackend> = new Map();

  acquire(target: BackendTarget): UpstreamBackend {
    const known = this.backends.get(target.name) ?? this.create(target);
    this.backends.set(target.name, known);
    return known;
  }

  private create({ name, authority, basePath }: BackendTarget): UpstreamBackend {
    return {
      name,
      authority,
      basePath,
      inFlight: 0,
      isAvailable: true,
      share: 1,
      isAdmitting: true,
      admit: () => true,
      withdrawn: () => undefined,
      acquire: (waiter: LeaseWaiter) => {
        this.chosen = name;
        waiter.leaseGranted(this.connection());
      },
      waited: () => undefined,
      answered: () => undefined,
      failed: () => undefined,
    };
  }

  private connection(): UpstreamConnection {
    return {
      reused: false,
      answerBegun: false,
      sendRequest: (_owner, head) => {
        this.head = head;
      },
      sendData: () => undefined,
      sendEnd: () => undefined,
      pause: () => undefined,
      resume: () => undefined,
      keepOpen: () => undefined,
      abort: () => undefined,
      discard: () => undefined,
    };
  }
}

/** A client that only keeps the head of its answer. */
export class ProbeDownstream implements Downstream {
  readonly protocolName = 'HTTP/1.1';
  readonly takesInformational = true;
  readonly bodyBytesSent = 0;
  responseSource: BodySource | null = null;
  answer: ResponseHead | null = null;

  sendHead(_request: AnsweredRequest, head: ResponseHead): void {
    this.answer = head;
  }

  sendUpgrade(): TunnelSide {
    throw new Error('a probe has no tunnel');
  }

  keepOpen(): void {
    return;
  }

  sendInformational(): void {
    return;
  }

  cut(): void {
    return;
  }

  bodyData(): void {
    return;
  }

  bodyEnd(): void {
    return;
  }

  pauseBody(): void {
    return;
  }

  resumeBody(): void {
    return;
  }
}

const ENDPOINT: Reply = { status: 200, fields: '', body: '' };

/** The own endpoints of a program that does not run: that they answer is all there is to say. */
export const PROBE_VIEW: OperationsView = {
  health: () => ENDPOINT,
  readiness: () => ENDPOINT,
  liveness: () => ENDPOINT,
  metrics: () => Promise.resolve(ENDPOINT),
};
