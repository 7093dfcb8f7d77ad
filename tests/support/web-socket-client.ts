import type { TestContext } from 'node:test';

import { until } from './until.ts';

/** How a WebSocket ended. */
export interface WebSocketEnd {
  readonly code: number;
  readonly wasClean: boolean;
  readonly atMs: number;
}

/** The WebSocket of the runtime as a client: a real peer, which fails the connection on any frame that is not legal. */
export class WebSocketClient {
  readonly socket: WebSocket;
  readonly messages: (string | ArrayBuffer)[] = [];
  end: WebSocketEnd | null = null;
  isOpen = false;

  constructor(context: TestContext, url: string) {
    this.socket = new WebSocket(url);
    this.socket.binaryType = 'arraybuffer';
    this.socket.addEventListener('open', () => (this.isOpen = true));
    this.socket.addEventListener('message', ({ data }) => this.messages.push(data as string | ArrayBuffer));
    this.socket.addEventListener('close', ({ code, wasClean }) => {
      this.end = { code, wasClean, atMs: performance.now() };
    });
    context.after(() => this.socket.close());
  }

  /** Waits until it is open. */
  async opened(): Promise<this> {
    await until('the WebSocket is open', () => this.isOpen || this.end !== null);
    if (!this.isOpen) throw new Error(`the WebSocket was refused: ${JSON.stringify(this.end)}`);
    return this;
  }

  /** Waits until it is closed. */
  ended(deadlineMs = 10_000): Promise<WebSocketEnd> {
    return until('the WebSocket is closed', () => this.end, deadlineMs);
  }
}
