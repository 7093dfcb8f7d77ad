import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';

import {
  AnswerRecord,
  type ContractClient,
  type ContractStream,
  type Fields,
  type RequestOrder,
} from './contract-client.ts';

/** An HTTP/2 client with prior knowledge and one connection. */
export class H2ContractClient implements ContractClient {
  private readonly session: ClientHttp2Session;

  constructor(port: number) {
    this.session = connect(`http://127.0.0.1:${port}`);
    this.session.on('error', () => undefined);
  }

  open(order: RequestOrder): ContractStream {
    return new H2ClientStream(order, this.session);
  }

  close(): void {
    this.session.close();
  }
}

class H2ClientStream implements ContractStream {
  readonly answer = new AnswerRecord();
  private readonly stream: ClientHttp2Stream;

  constructor(order: RequestOrder, session: ClientHttp2Session) {
    const { method = 'GET', path, body = 'none', length = 0, fields = {} } = order;
    const { host, ...rest } = fields;
    const headers: OutgoingHttpHeaders = { ':method': method, ':path': path, ...rest };
    if (host !== undefined) headers[':authority'] = host;
    if (body === 'length') headers['content-length'] = String(length);
    this.stream = session.request(headers, { endStream: body === 'none' });
    const { answer, stream } = this;
    stream.on('headers', (early: IncomingHttpHeaders) => {
      answer.informational.push({ status: Number(early[':status']), fields: fieldsOf(early) });
    });
    stream.on('response', (head) => {
      answer.status = Number(head[':status']);
      answer.fields = fieldsOf(head);
    });
    stream.on('trailers', (trailers) => (answer.trailers = fieldsOf(trailers)));
    stream.on('data', (piece: Buffer) => answer.add(piece));
    stream.on('end', () => answer.finish(stream.rstCode === constants.NGHTTP2_NO_ERROR ? 'clean' : 'cut'));
    stream.on('error', () => answer.finish('cut'));
    stream.on('close', () => answer.finish('cut'));
  }

  get unsentBytes(): number {
    return this.stream.writableLength;
  }

  write(piece: Buffer): boolean {
    return this.stream.write(piece);
  }

  onceSent(more: () => void): void {
    this.stream.once('drain', more);
  }

  end(): void {
    this.stream.end();
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  abort(): void {
    this.stream.close(constants.NGHTTP2_CANCEL);
  }
}

function fieldsOf(headers: IncomingHttpHeaders): Fields {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  );
}
