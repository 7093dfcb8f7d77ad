import type { ServerHttp2Stream } from 'node:http2';
import type { ErrorCode } from '../../../base/errors/catalogue.ts';
import type { BodySink } from '../../exchange/body.ts';
import type { ConnectionContext } from '../connection-context.ts';
import { ReadWatch } from '../http1/read-watch.ts';

/** Where a request body goes. */
export interface IntakeTarget {
  /** Content-Length of the request, or less than 1 when it told none. */
  readonly declared: number;
  readonly sink: BodySink;
  /** Called at most once: the body is too long, too slow, or not what its length promised. */
  readonly failed: (code: ErrorCode) => void;
}

/** Receives the body of one HTTP/2 request: within its limit, in its time, until nobody wants it any more. */
export class H2Intake {
  /** Body bytes received. */
  received = 0;
  private readonly stream: ServerHttp2Stream;
  private readonly context: ConnectionContext;
  private readonly target: IntakeTarget;
  private readonly watch: ReadWatch;
  private stopped = false;

  constructor(stream: ServerHttp2Stream, context: ConnectionContext, target: IntakeTarget) {
    this.stream = stream;
    this.context = context;
    this.target = target;
    this.watch = new ReadWatch(context.wheel, context.settings.timeouts, this, (code) => this.fail(code));
  }

  /** Takes the next bytes; what comes after `stop` is thrown away. */
  take(chunk: Buffer): void {
    this.received += chunk.length;
    if (this.stopped) return;
    const limit = this.context.settings.limits.bodyBytes;
    if (limit > 0 && this.received > limit) this.fail('body_too_large');
    else this.target.sink.bodyData(chunk, 0, chunk.length);
  }

  /** The body is complete. Its trailers are dropped. */
  end(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.watch.stop();
    const { declared, sink, failed } = this.target;
    if (declared > 0 && declared !== this.received) failed('length_invalid');
    else sink.bodyEnd(null);
  }

  /** The backend is slow. */
  pause(): void {
    if (this.stopped) return;
    this.stream.pause();
    this.watch.pause(this.context.wheel.nowMs);
  }

  /** The backend is ready again. */
  resume(): void {
    this.watch.resume(this.context.wheel.nowMs);
    this.stream.resume();
  }

  /** Nobody wants the rest: it is read, so that the connection's window does not fill up, and thrown away. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.watch.stop();
    this.stream.resume();
  }

  private fail(code: ErrorCode): void {
    this.stop();
    this.target.failed(code);
  }
}
