import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A connection of the proxy at a raw backend. */
export class RawPeer {
  readonly socket: Socket;
  /** Place in the order of acceptance, from 0. */
  readonly index: number;
  /** All bytes received, latin1. */
  text = '';
  /** Heads that arrived. */
  heads = 0;
  ended = false;
  closed = false;
  errorCode: string | null = null;

  constructor(socket: Socket, index: number) {
    this.socket = socket;
    this.index = index;
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Sends a whole answer with a length. */
  answer(body: string, fields = ''): void {
    this.send(`HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`);
  }
}

/** What a raw backend does when a head has arrived; `target` is that of the request line. */
export type RawAnswer = (peer: RawPeer, target: string) => void;

/** A backend of raw sockets. */
export class RawBackend {
  readonly port: number;
  /** All connections, closed ones too, in the order of their acceptance. */
  readonly peers: readonly RawPeer[];

  constructor(port: number, peers: readonly RawPeer[]) {
    this.port = port;
    this.peers = peers;
  }

  /** Connections that are open. */
  get open(): readonly RawPeer[] {
    return this.peers.filter(({ closed }) => !closed);
  }

  /** Requests whose head arrived. */
  get requests(): number {
    return this.peers.reduce((sum, { heads }) => sum + heads, 0);
  }
}

/** Starts a raw backend on a free loopback port; it ends with the test. */
export async function startRawBackend(context: TestContext, answer: RawAnswer): Promise<RawBackend> {
  const peers: RawPeer[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const peer = new RawPeer(socket, peers.length);
    peers.push(peer);
    let from = 0;
    socket.on('data', (piece: Buffer) => {
      peer.text += piece.latin1Slice();
      for (let end = peer.text.indexOf('\r\n\r\n', from); end >= 0; end = peer.text.indexOf('\r\n\r\n', from)) {
        const target = / (\S+) HTTP\/1\.1/.exec(peer.text.slice(from, end))?.[1] ?? '';
        from = end + 4;
        // What follows a head is a body unless it looks like a request; tests with bodies that do use another backend.
        if (target === '') continue;
        peer.heads++;
        answer(peer, target);
      }
    });
    socket.on('end', () => (peer.ended = true));
    socket.on('close', () => (peer.closed = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (peer.errorCode = error.code ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    for (const { socket } of peers) socket.destroy();
  });
  return new RawBackend((server.address() as AddressInfo).port, peers);
}
