import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

import {
  AnswerRecord,
  type ContractClient,
  type ContractStream,
  type Fields,
  type RequestOrder,
} from './contract-client.ts';

/** An HTTP/1.1 client with one kept connection. */
export class Http1ContractClient implements ContractClient {
  private readonly port: number;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(port: number) {
    this.port = port;
  }

  open(order: RequestOrder): ContractStream {
    return new Http1Stream(order, this.port, this.agent);
  }

  close(): void {
    this.agent.destroy();
  }
}

class Http1Stream implements ContractStream {
  readonly answer = new AnswerRecord();
  private readonly request: ClientRequest;
  private response: IncomingMessage | null = null;
  private paused = false;

  constructor(order: RequestOrder, port: number, agent: Agent) {
    const { method = 'GET', path, body = 'none', length = 0, fields = {} } = order;
    const framing: Record<string, string> =
      body === 'length'
        ? { 'content-length': String(length) }
        : body === 'unknown'
          ? { 'transfer-encoding': 'chunked' }
          : {};
    const headers = { ...framing, ...fields };
    this.request = request({ host: '127.0.0.1', port, agent, method, path, headers });
    this.request.setNoDelay(true);
    this.request.on('information', ({ statusCode, headers: early }) => {
      this.answer.informational.push({ status: statusCode, fields: fieldsOf(early) });
    });
    this.request.on('response', (response) => this.receive(response));
    this.request.on('error', () => this.answer.finish('cut'));
    if (body === 'none') this.request.end();
    else this.request.flushHeaders();
  }

  get unsentBytes(): number {
    return this.request.writableLength + (this.request.socket?.writableLength ?? 0);
  }

  write(piece: Buffer): boolean {
    return this.request.write(piece);
  }

  onceSent(more: () => void): void {
    this.request.once('drain', more);
  }

  end(): void {
    this.request.end();
  }

  pause(): void {
    this.paused = true;
    this.response?.pause();
  }

  resume(): void {
    this.paused = false;
    this.response?.resume();
  }

  abort(): void {
    this.request.socket?.resetAndDestroy();
  }

  private receive(response: IncomingMessage): void {
    const { answer } = this;
    this.response = response;
    answer.status = response.statusCode ?? 0;
    answer.fields = fieldsOf(response.headers);
    response.on('data', (piece: Buffer) => answer.add(piece));
    response.on('end', () => {
      answer.trailers = fieldsOf(response.trailers);
      answer.finish(response.complete ? 'clean' : 'cut');
    });
    response.on('error', () => answer.finish('cut'));
    response.on('close', () => answer.finish('cut'));
    if (this.paused) response.pause();
  }
}

function fieldsOf(headers: IncomingHttpHeaders): Fields {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  );
}
