import { connect, type Socket } from 'node:net';

import { until } from './until.ts';

/** A complete answer. */
export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/**
 * A client connection that sends bytes as they are and reads answers with a Content-Length. It keeps what it got when the
 * server closes, so that a test can tell an answer from a cut.
 */
export class RawConnection {
  readonly socket: Socket;
  received = '';
  closed = false;
  errorCode: string | null = null;
  private readonly ready: Promise<void>;
  private wake: (() => void) | null = null;

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => {
      this.received += text;
      this.wake?.();
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.errorCode = error.code ?? 'EUNKNOWN'));
    this.ready = new Promise((resolve) => {
      this.socket.once('connect', resolve);
      this.socket.once('close', () => {
        this.closed = true;
        this.wake?.();
        resolve();
      });
    });
  }

  /** Waits until the connection is open, or was refused. */
  async opened(): Promise<this> {
    await this.ready;
    return this;
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  get(path: string, host = 'localhost'): void {
    this.send(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  }

  /** The first whole answer that was received and not taken, or null. */
  take(): Answer | null {
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) return null;
    const head = this.received.slice(0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + 4 + length;
    if (this.received.length < end) return null;
    const body = this.received.slice(headEnd + 4, end);
    this.received = this.received.slice(end);
    return { status: Number(head.slice(9, 12)), head, body };
  }

  /** Waits for an answer; null when the server closed first. */
  async answerOrClose(deadlineMs = 15_000): Promise<Answer | null> {
    const deadline = Date.now() + deadlineMs;
    for (;;) {
      const answer = this.take();
      if (answer !== null || this.closed) return answer;
      if (Date.now() > deadline) throw new Error(`no answer within ${deadlineMs} ms; received: ${this.received}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, deadline + 1 - Date.now());
      this.wake = resolve;
      await promise;
      clearTimeout(timer);
    }
  }

  /** Waits for an answer. */
  async answer(deadlineMs?: number): Promise<Answer> {
    const answer = await this.answerOrClose(deadlineMs);
    if (answer === null) throw new Error(`the server closed without an answer (${this.errorCode ?? 'end'})`);
    return answer;
  }

  /** Waits until the server closed. */
  async untilClosed(deadlineMs = 10_000): Promise<void> {
    await until('the server closed the connection', () => this.closed, deadlineMs);
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** One GET on a connection of its own; status 0 when the connection was refused or cut. */
export async function getOnce(port: number, path: string, host = 'localhost'): Promise<Answer> {
  const connection = await new RawConnection(port).opened();
  connection.get(path, host);
  const answer = await connection.answerOrClose();
  connection.destroy();
  return answer ?? { status: 0, head: '', body: '' };
}
