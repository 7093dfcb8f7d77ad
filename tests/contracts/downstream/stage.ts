import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { ByteStream, ByteSum } from '../../support/byte-stream.ts';
import type { ContractClient, ContractStream, RequestOrder } from '../../support/contract-client.ts';
import type { HttpBackend } from '../../support/http-backend.ts';
import type { Rig, RigOptions } from '../../support/rig.ts';
import { until } from '../../support/until.ts';

/** What a case of the downstream contract plays with. */
export interface Stage {
  readonly rig: Rig;
  readonly backend: HttpBackend;
  readonly client: ContractClient;
}

/** One rule of the downstream contract: the same for every version of HTTP towards the client. */
export interface ContractCase {
  readonly settings?: Omit<Partial<RigOptions>, 'backends' | 'protocol'>;
  readonly backend: RequestListener;
  readonly run: (stage: Stage) => Promise<void>;
  /** Throws that the case provokes; none when absent. */
  readonly defects?: number;
}

/** More than all kernel buffers between two programs on loopback hold. */
export const LONG_BYTES = 67_108_864;
/** Most that may be on its way between a fast sender and a stopped reader: kernel buffers of two connections, and little of ours. */
export const IN_BETWEEN_BYTES = 33_554_432;

/** Collects an answer's body; the record itself keeps sums only. */
export function collectBody({ answer }: ContractStream): Buffer[] {
  const pieces: Buffer[] = [];
  const add = answer.add.bind(answer);
  answer.add = (piece) => {
    pieces.push(piece);
    add(piece);
  };
  return pieces;
}

/** Waits for the end of an answer. */
export async function untilEnd(stream: ContractStream, deadlineMs = 10_000): Promise<ContractStream['answer']> {
  const { answer } = stream;
  await until('the end of the answer', () => answer.end !== 'open', deadlineMs).catch((error: unknown) => {
    throw new Error(`${String(error)} (status ${answer.status}, ${answer.body.length} bytes)`);
  });
  return answer;
}

/** Sends a request without a body and waits for the end of its answer. */
export function ask({ client }: Stage, order: RequestOrder): Promise<ContractStream['answer']> {
  return untilEnd(client.open(order));
}

/** Asserts that an answer is whole and has this status. */
export function assertWhole(answer: ContractStream['answer'], status: number): void {
  assert.deepEqual({ status: answer.status, end: answer.end }, { status, end: 'clean' });
}

/** Sends a long body as fast as the other side takes it. */
export class Upload {
  readonly source: ByteStream;
  readonly length: number;
  stopped = false;
  private readonly stream: ContractStream;

  constructor(stream: ContractStream, length: number) {
    this.stream = stream;
    this.length = length;
    this.source = new ByteStream(length);
    this.send();
  }

  /** Bytes that left the client. */
  get sentBytes(): number {
    return this.length - this.source.left - this.stream.unsentBytes;
  }

  private send(): void {
    for (;;) {
      if (this.stopped) return;
      const piece = this.source.next(65_536);
      if (piece === null) {
        this.stream.end();
        return;
      }
      if (!this.stream.write(piece)) {
        this.stream.onceSent(() => this.send());
        return;
      }
    }
  }
}

/** A long answer that is sent as fast as the other side takes it. */
export class Download {
  readonly source: ByteStream;
  private readonly length: number;
  private readonly response: ServerResponse;

  constructor(response: ServerResponse, length: number) {
    this.response = response;
    this.length = length;
    this.source = new ByteStream(length);
    this.send();
  }

  /** Bytes handed to the response. */
  get sentBytes(): number {
    return this.length - this.source.left;
  }

  private send(): void {
    for (;;) {
      if (this.response.destroyed) return;
      const piece = this.source.next(65_536);
      if (piece === null) {
        this.response.end();
        return;
      }
      if (!this.response.write(piece)) {
        this.response.once('drain', () => this.send());
        return;
      }
    }
  }
}

/** Sums a request body up; resolves with the sum at its end, null when it was cut. */
export function sumBody(request: IncomingMessage): Promise<ByteSum | null> {
  const sum = new ByteSum();
  return new Promise((resolve) => {
    request.on('data', (piece: Buffer) => sum.add(piece));
    request.once('end', () => resolve(sum));
    request.once('close', () => resolve(null));
  });
}
