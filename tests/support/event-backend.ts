import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';

import { type HttpBackend, startHttpBackend } from './http-backend.ts';

/** One client's stream of events at the backend. */
export class EventFeed {
  /** Value of Last-Event-ID, or null. */
  readonly lastId: string | null;
  private readonly response: ServerResponse;

  constructor(response: ServerResponse, lastId: string | null) {
    this.response = response;
    this.lastId = lastId;
  }

  /** The proxy let it go. */
  get isClosed(): boolean {
    return this.response.closed;
  }

  /** Sends text as it is. */
  write(text: string): void {
    this.response.write(text);
  }

  /** Sends one event. */
  send(id: number): void {
    this.write(`id: ${id}\ndata: event ${id}\n\n`);
  }

  /** Ends the stream. */
  end(): void {
    this.response.end();
  }
}

/** A backend of server-sent events. */
export interface EventBackend {
  readonly http: HttpBackend;
  /** Every stream that was asked for, in order. */
  readonly feeds: readonly EventFeed[];
}

/** Starts a backend whose every answer is a stream of events; it ends with the test. */
export async function startEventBackend(
  context: TestContext,
  onFeed: (feed: EventFeed) => void = () => undefined,
): Promise<EventBackend> {
  const feeds: EventFeed[] = [];
  const http = await startHttpBackend(context, (request, response) => {
    const lastId = request.headers['last-event-id'];
    const feed = new EventFeed(response, typeof lastId === 'string' ? lastId : null);
    feeds.push(feed);
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store' });
    response.flushHeaders();
    onFeed(feed);
  });
  return { http, feeds };
}
