import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, BODY_UNTIL_CLOSE } from '../../src/base/http1/framing.ts';
import type { FieldList } from '../../src/base/http/field-list.ts';
import { TimerWheel } from '../../src/base/time/timer-wheel.ts';
import type { TunnelSide } from '../../src/dataplane/exchange/downstream.ts';
import type { UpstreamHead, UpstreamOwner } from '../../src/dataplane/exchange/upstream.ts';
import { type ConnectionPool, Http1UpstreamConnection } from '../../src/dataplane/upstream/http1/connection.ts';
import { TEST_ORIGIN } from '../support/connection-origin.ts';
import { MemoryWire } from '../support/memory-wire.ts';
import { emptyMessage, type Framing, type ParsedMessage, type Reading } from './parsed-message.ts';
import { linesOf } from './read-requests.ts';

const FRAMINGS: Readonly<Record<number, Framing>> = {
  [BODY_NONE]: 'none',
  [BODY_LENGTH]: 'length',
  [BODY_CHUNKED]: 'chunked',
  [BODY_UNTIL_CLOSE]: 'until-close',
};

const pool: ConnectionPool = {
  wheel: new TimerWheel(0),
  idleTimeoutMs: 60_000,
  bodyIdleTimeoutMs: 60_000,
  connectionIdle: () => undefined,
  connectionOver: () => undefined,
};

/** Records what a backend connection tells of one answer. */
class AnswerRecorder implements UpstreamOwner {
  readonly reading: Reading = { messages: [], refused: null };

  upstreamInformational(head: UpstreamHead): void {
    this.record(head).complete = true;
  }

  upstreamHead(head: UpstreamHead): void {
    this.record(head);
  }

  upstreamData(bytes: Buffer, start: number, end: number): void {
    this.last().body += bytes.latin1Slice(start, end);
  }

  upstreamEnd(trailers: FieldList | null): void {
    this.last().complete = true;
    this.last().trailers = linesOf(trailers);
  }

  upstreamUpgraded(): TunnelSide {
    throw new Error('the request did not ask for an upgrade');
  }

  upstreamFailed(code: string): void {
    this.reading.refused = code;
  }

  upstreamBlocked(): void {
    return;
  }

  upstreamDrained(): void {
    return;
  }

  private last(): ParsedMessage {
    return this.reading.messages.at(-1) as ParsedMessage;
  }

  private record(head: UpstreamHead): ParsedMessage {
    const message = emptyMessage();
    message.status = head.status;
    message.minorVersion = head.minorVersion;
    message.fields = linesOf(head.fields);
    message.framing = FRAMINGS[head.framing] as Framing;
    message.persistent = head.persistent;
    this.reading.messages.push(message);
    return message;
  }
}

/** Reads the answer to one request as the proxy does, informational answers before it included. */
export function readResponses(pieces: readonly Buffer[], toHead: boolean): Reading {
  const recorder = new AnswerRecorder();
  const connection = new Http1UpstreamConnection((owner) => new MemoryWire(owner), pool, TEST_ORIGIN);
  connection.sendRequest(recorder, '', {
    headRequest: toHead,
    hasBody: false,
    chunked: false,
    expectsContinue: false,
    upgrade: null,
    responseTimeoutMs: 60_000,
  });
  const wire = connection.wire as MemoryWire;
  for (const piece of pieces) wire.deliver(piece);
  wire.deliverEnd();
  connection.close();
  return recorder.reading;
}
