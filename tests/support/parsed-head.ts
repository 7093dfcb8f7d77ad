import { RequestHead } from '../../src/base/http1/request-head.ts';
import { RequestHeadParser } from '../../src/base/http1/request-head-parser.ts';

/** A parsed request head, made from what a client would send. `lines` are field lines without their ends. */
export function parsedHead(requestLine: string, host: string, lines: readonly string[] = []): RequestHead {
  const text = `${requestLine} HTTP/1.1\r\n${[`Host: ${host}`, ...lines].join('\r\n')}\r\n\r\n\0`;
  const bytes = Buffer.from(text, 'latin1');
  const head = new RequestHead();
  const parser = new RequestHeadParser({ headBytes: 65_536, headFields: 100, targetBytes: 16_384 });
  if (parser.parse(bytes, 0, bytes.length - 1, head) !== bytes.length - 1)
    throw new Error(`${requestLine} is refused: ${parser.failure.code}`);
  return head;
}
