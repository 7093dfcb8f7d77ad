import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { RawConnection } from './http-client.ts';

/** How a client's connection ended without being told to. */
export interface Loss {
  /** Worker that served the connection, by the prefix of its request ids; empty when it never answered. */
  readonly worker: string;
  /** A request was under way; else the connection was idle or its answer said that it closes. */
  readonly inFlight: boolean;
  readonly errorCode: string | null;
}

const BETWEEN_REQUESTS_MS = 5;
/** Longer than it takes to find and replace a hanging process. */
const REQUEST_DEADLINE_MS = 40_000;

/**
 * Clients that send one GET after the other on kept connections until they are stopped. A lost connection is recorded, never
 * hidden: the client opens a new one and goes on. It ends with the test at the latest.
 */
export class Load {
  readonly losses: Loss[] = [];
  /** Connections that could not be opened. */
  refused = 0;
  /** Answers that were not 200. */
  wrong = 0;
  /** Answers by worker. */
  readonly answers: Map<string, number> = new Map();
  private readonly port: number;
  private readonly clients: Promise<void>[] = [];
  private stopping = false;

  constructor(context: TestContext, port: number, connections: number) {
    this.port = port;
    for (let i = 0; i < connections; i++) this.clients.push(this.run());
    context.after(() => {
      this.stopping = true;
    });
  }

  /** Answers of all workers. */
  get total(): number {
    return [...this.answers.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Ends all clients between two requests. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.clients);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const connection = await new RawConnection(this.port).opened();
      if (connection.closed) {
        this.refused++;
        await delay(BETWEEN_REQUESTS_MS);
      } else {
        await this.use(connection);
      }
      connection.destroy();
    }
  }

  private async use(connection: RawConnection): Promise<void> {
    let worker = '';
    while (!this.stopping) {
      connection.get('/load');
      const answer = await connection.answerOrClose(REQUEST_DEADLINE_MS);
      if (answer === null) {
        this.losses.push({ worker, inFlight: true, errorCode: connection.errorCode });
        return;
      }
      worker = /\r\nx-request-id: ([0-9a-f]{20})/i.exec(answer.head)?.[1] ?? '';
      this.answers.set(worker, (this.answers.get(worker) ?? 0) + 1);
      if (answer.status !== 200) this.wrong++;
      if (/\r\nconnection: close/i.test(answer.head)) return;
      await delay(BETWEEN_REQUESTS_MS);
      if (connection.closed) {
        this.losses.push({ worker, inFlight: false, errorCode: connection.errorCode });
        return;
      }
    }
  }
}
