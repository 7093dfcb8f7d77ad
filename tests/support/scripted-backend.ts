import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { Changes } from './changes.ts';
import { MessageReader } from './http1-reader.ts';

/** A connection that the proxy opened, and everything it carried. */
export class BackendConnection {
  readonly socket: Socket;
  readonly reader = new MessageReader({ kind: 'request' });
  /** All bytes received, latin1. */
  received = '';
  /** Whether the proxy ended it: it sent a FIN or a RST, or had to take one. */
  closedByProxy = false;
  gone = false;

  constructor(socket: Socket) {
    this.socket = socket;
  }
}

/** Answers the n-th request of a scene; runs as soon as its head is there. */
export type Actor = (connection: BackendConnection, index: number) => void;

/**
 * A backend of raw sockets that records every byte it gets and answers by a script. Its life is a row of scenes; whatever arrives
 * belongs to the current one, or to nobody.
 */
export class ScriptedBackend {
  readonly changes = new Changes();
  /** Connections that carried bytes or were opened in the current scene. */
  connections: BackendConnection[] = [];
  /** Bytes that came when no scene was on: there must be none. */
  unclaimed = '';
  private readonly server: Server;
  private actor: Actor | null = null;
  private requests = 0;

  constructor() {
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.accept(socket));
  }

  /** Listens on a free loopback port. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Starts a scene. */
  begin(actor: Actor): void {
    this.actor = actor;
    this.requests = 0;
    this.connections = [];
  }

  /** Ends a scene: closes what is open and waits until the proxy has closed its side too, so that nothing is reused. */
  async settle(deadlineMs: number): Promise<void> {
    const { connections } = this;
    for (const { socket } of connections) socket.end();
    await this.changes.until('the proxy closed its connections', () => connections.every(isClosed), deadlineMs);
    for (const { socket } of connections) socket.destroy();
    this.actor = null;
  }

  /** All bytes of the scene, connection by connection. */
  get received(): string {
    return this.connections.map(({ received }) => received).join('');
  }

  close(): void {
    this.server.close();
    for (const { socket } of this.connections) socket.destroy();
  }

  private accept(socket: Socket): void {
    const connection = new BackendConnection(socket);
    this.connections.push(connection);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.receive(connection, text));
    socket.on('end', () => this.markClosed(connection));
    socket.on('error', () => this.markClosed(connection));
    socket.on('close', () => {
      connection.gone = true;
      this.changes.notify();
    });
    this.changes.notify();
  }

  private receive(connection: BackendConnection, text: string): void {
    if (this.actor === null) this.unclaimed += text;
    const before = connection.reader.messages.length;
    connection.received += text;
    connection.reader.push(text);
    for (let count = before; count < connection.reader.messages.length; count++) {
      this.actor?.(connection, this.requests++);
    }
    this.changes.notify();
  }

  private markClosed(connection: BackendConnection): void {
    connection.closedByProxy = true;
    connection.reader.end(true);
    this.changes.notify();
  }
}

function isClosed(connection: BackendConnection): boolean {
  return connection.closedByProxy || connection.gone;
}
