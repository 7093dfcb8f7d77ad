import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

import { closeCodeOf, frameBytes, FrameReader, OPCODE, type WireFrame } from './web-socket-frames.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** One WebSocket at the backend. */
export class WebSocketPeer {
  readonly socket: Socket;
  /** Head of the request, latin1. */
  head = '';
  readonly reader: FrameReader = new FrameReader();
  /** What is against RFC 6455, or null. */
  violation: string | null = null;
  /** Status code of the Close frame that came, or null. */
  closeCode: number | null = null;
  ended = false;
  closed = false;
  errorCode: string | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Frames that came, in order. */
  get frames(): readonly WireFrame[] {
    return this.reader.frames;
  }

  /** Sends one frame. */
  send(first: number, payload: Buffer | string): void {
    if (this.socket.writable) this.socket.write(frameBytes(first, payload));
  }

  /** Sends a text message. */
  sendText(text: string): void {
    this.send(0x81, text);
  }
}

/** What a WebSocket backend does. */
export interface WebSocketBehaviour {
  /** A WebSocket was opened. */
  readonly onOpen?: (peer: WebSocketPeer) => void;
  /** A frame came; the default answers Close and Ping, and sends data back. */
  readonly onFrame?: (peer: WebSocketPeer, frame: WireFrame) => void;
  /** Further fields of the 101. */
  readonly fields?: string;
}

/** A backend that speaks WebSocket over raw sockets and looks at every frame. */
export interface WebSocketBackend {
  readonly port: number;
  readonly url: string;
  readonly peers: readonly WebSocketPeer[];
}

/** Answers as a server must: a Close with the same code, then the end; a Ping with a Pong; data with the same data. */
export function echo(peer: WebSocketPeer, frame: WireFrame): void {
  if (frame.opcode === OPCODE.close) peer.socket.end(frameBytes(0x88, frame.payload));
  else if (frame.opcode === OPCODE.ping) peer.send(0x8a, frame.payload);
  else if (frame.opcode < OPCODE.close) peer.send(frame.first, frame.payload);
}

/** Starts a WebSocket backend on a free loopback port; it ends with the test. */
export async function startWebSocketBackend(
  context: TestContext,
  behaviour: WebSocketBehaviour = {},
): Promise<WebSocketBackend> {
  const peers: WebSocketPeer[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const peer = new WebSocketPeer(socket);
    peers.push(peer);
    socket.on('data', (piece: Buffer) => receive(peer, piece, behaviour));
    socket.on('end', () => {
      peer.ended = true;
      socket.end();
    });
    socket.on('close', () => (peer.closed = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (peer.errorCode = error.code ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    for (const { socket } of peers) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, peers };
}

function receive(peer: WebSocketPeer, piece: Buffer, behaviour: WebSocketBehaviour): void {
  if (peer.head.endsWith('\r\n\r\n')) {
    readFrames(peer, piece, behaviour);
    return;
  }
  const text = peer.head + piece.latin1Slice();
  const end = text.indexOf('\r\n\r\n') + 4;
  peer.head = end < 4 ? text : text.slice(0, end);
  if (end < 4) return;
  const key = /\r\nsec-websocket-key: (\S+)\r\n/i.exec(peer.head)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  peer.socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${behaviour.fields ?? ''}Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  behaviour.onOpen?.(peer);
  if (end < text.length) readFrames(peer, Buffer.from(text.slice(end), 'latin1'), behaviour);
}

function readFrames(peer: WebSocketPeer, piece: Buffer, behaviour: WebSocketBehaviour): void {
  for (const frame of peer.reader.read(piece)) {
    if (!frame.masked) peer.violation ??= 'a frame is not masked';
    if (peer.closeCode !== null) peer.violation ??= 'a frame behind the Close';
    if (frame.opcode === OPCODE.close) peer.closeCode = closeCodeOf(frame);
    (behaviour.onFrame ?? echo)(peer, frame);
  }
}
