import { connect, type Socket } from 'node:net';

import { seededRandom } from '../../support/seeded-random.ts';
import { AnswerReader } from './answer-reader.ts';
import { count, type Tally } from './tally.ts';
import { countedAs, requestText, STEADY, type SteadyRequest } from './traffic.ts';

/** Requests that are sent before the first of them is answered. */
const DEPTH = 8;
/** So many batches on one connection, then a new one. */
const BATCHES_PER_CONNECTION = 50;

const TEXTS: readonly string[] = STEADY.map(requestText);
const KEYS: readonly string[] = STEADY.map(({ method, target, status }) => countedAs(method, target, status));
const CHOICES: readonly number[] = STEADY.flatMap(({ weight }, index) => Array.from({ length: weight }, () => index));

/** What the clients of a process saw. */
export interface ClientCounts {
  /** Answered or certainly counted requests by method, path and status. */
  readonly exchanges: Tally;
  /** Connections that were opened. */
  connections: number;
  /** Requests, and connections, of which nobody can tell whether they arrived. */
  unsure: number;
  /** What must not happen, in words. */
  readonly surprises: string[];
}

/** One client that keeps its connection and sends batches of random requests without waiting in between. */
export class SteadyLane {
  private readonly port: number;
  private readonly counts: ClientCounts;
  private readonly random: () => number;
  private left: number;

  constructor(port: number, requests: number, seed: number, counts: ClientCounts) {
    this.port = port;
    this.left = requests;
    this.random = seededRandom(seed);
    this.counts = counts;
  }

  /** Sends all requests. */
  async run(): Promise<void> {
    while (this.left > 0 && this.counts.surprises.length === 0) await this.useConnection();
  }

  private useConnection(): Promise<void> {
    return new Promise((resolve) => {
      const visit = new SteadyConnection(this.port, this.counts, () => this.nextBatch());
      visit.onClosed = (unanswered) => {
        // What was sent behind an answer that closes the connection was never begun.
        this.left += unanswered;
        resolve();
      };
    });
  }

  private nextBatch(): number[] {
    const size = Math.min(DEPTH, this.left);
    this.left -= size;
    return Array.from({ length: size }, () => CHOICES[Math.floor(this.random() * CHOICES.length)] as number);
  }
}

class SteadyConnection {
  onClosed: (unanswered: number) => void = () => undefined;
  private readonly socket: Socket;
  private readonly counts: ClientCounts;
  private readonly nextBatch: () => number[];
  private readonly reader = new AnswerReader();
  private waiting: number[] = [];
  private batches = 0;
  private closing = false;

  constructor(port: number, counts: ClientCounts, nextBatch: () => number[]) {
    this.counts = counts;
    this.nextBatch = nextBatch;
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.once('connect', () => {
      counts.connections++;
      this.send();
    });
    this.socket.on('data', (text: string) => this.receive(text));
    this.socket.on('error', (error) => counts.surprises.push(`a kept connection failed: ${error.message}`));
    this.socket.once('close', () => this.closed());
  }

  private send(): void {
    this.waiting = this.batches++ < BATCHES_PER_CONNECTION ? this.nextBatch() : [];
    this.closing = this.waiting.length === 0;
    if (this.closing) this.socket.end();
    else this.socket.write(this.waiting.map((index) => TEXTS[index]).join(''), 'latin1');
  }

  private receive(text: string): void {
    this.reader.rest += text;
    while (this.waiting.length > 0 && !this.closing) {
      const index = this.waiting[0] as number;
      const request = STEADY[index] as SteadyRequest;
      const answer = this.reader.take(request.method === 'HEAD');
      if (answer === null) return;
      this.waiting.shift();
      count(this.counts.exchanges, KEYS[index] as string);
      if (answer.status !== request.status)
        this.counts.surprises.push(`${request.method} ${request.target}: ${answer.status}`);
      this.closing = answer.closes;
    }
    if (!this.closing) this.send();
  }

  private closed(): void {
    if (!this.closing) this.counts.surprises.push(`a kept connection was closed; ${this.waiting.length} unanswered`);
    this.onClosed(this.waiting.length);
  }
}
