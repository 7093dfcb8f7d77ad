import { connect, type Socket } from 'node:net';

import { Changes } from '../support/changes.ts';
import { MessageReader } from '../support/http1-reader.ts';

/** The client of one case: sends bytes as they are, reads answers strictly, and tells how the connection ended. */
export class Client {
  readonly changes = new Changes();
  readonly reader: MessageReader;
  /** All bytes received, latin1. */
  received = '';
  /** Whether the proxy ended the connection, by FIN or RST. */
  closedByProxy = false;
  private readonly socket: Socket;
  private ended = false;

  constructor(port: number, isHead: (index: number) => boolean) {
    this.reader = new MessageReader({ kind: 'response', isHead });
    this.socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => {
      this.received += text;
      this.reader.push(text);
      this.changes.notify();
    });
    this.socket.on('end', () => this.markClosed(true));
    this.socket.on('error', () => this.markClosed(false));
  }

  /** Sends a piece; resolves when the kernel has it, or when the proxy has closed. */
  async send(text: string): Promise<void> {
    if (this.ended || !this.socket.writable) return;
    const written = new Promise<void>((resolve) => this.socket.write(text, 'latin1', () => resolve()));
    const closed = new Promise<void>((resolve) => this.socket.once('close', resolve));
    // A piece of its own: the next turn of the loop gives the proxy the chance to read it apart.
    await Promise.race([written, closed]).then(() => new Promise<void>((resolve) => setImmediate(resolve)));
  }

  /** Closes the sending side. */
  fin(): void {
    this.ended = true;
    this.socket.end();
  }

  /** Resets the connection. */
  reset(): void {
    this.ended = true;
    this.socket.resetAndDestroy();
  }

  /** Ends it for good. */
  destroy(): void {
    this.socket.destroy();
  }

  private markClosed(clean: boolean): void {
    if (this.closedByProxy) return;
    this.closedByProxy = true;
    this.reader.end(clean);
    this.changes.notify();
  }
}
