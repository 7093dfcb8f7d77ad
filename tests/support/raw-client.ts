import { connect, type Socket } from 'node:net';

/** A client of raw bytes: sends what a test wants, reads when a test wants, keeps everything it got. */
export class RawClient {
  readonly socket: Socket;
  /** All bytes received, latin1. */
  text = '';
  /** Bytes received, also those that are not kept. */
  received = 0;
  /** The server closed its sending side. */
  ended = false;
  /** The connection is gone. */
  closed = false;
  errorCode: string | null = null;

  /** @param target a port on 127.0.0.1, or other options of a connection */
  constructor(
    target: number | { readonly host: string; readonly port: number } | { readonly path: string },
    kept = 1_000_000,
  ) {
    const options = typeof target === 'number' ? { host: '127.0.0.1', port: target } : target;
    this.socket = connect({ ...options, allowHalfOpen: true, noDelay: true });
    this.socket.on('data', (piece: Buffer) => {
      this.received += piece.length;
      if (this.text.length < kept) this.text += piece.latin1Slice();
    });
    this.socket.on('end', () => (this.ended = true));
    this.socket.on('close', () => (this.closed = true));
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.errorCode = error.code ?? ''));
  }

  /** Sends latin1 text. */
  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Sends a GET without anything but a Host. */
  get(path: string): void {
    this.send(`GET ${path} HTTP/1.1\r\nHost: raw.test\r\n\r\n`);
  }

  /** Statuses of all answers whose head is there, in order; a status line in a body counts too. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  /** Closes the sending side. */
  fin(): void {
    this.socket.end();
  }

  /** Resets the connection. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
