import { type ConformanceCase, type ExpectedAnswer, head, reply, untilDelivered } from '../case.ts';

const SEND = head('GET / HTTP/1.1', 'Host: a.test', 'TE: trailers', 'Connection: TE');
const BODY = '2\r\nok\r\n';

function trailerCase(
  [id, rule]: readonly [id: string, rule: string],
  title: string,
  trailers: string,
  answer: ExpectedAnswer,
): ConformanceCase {
  return {
    id,
    rule,
    title,
    send: SEND,
    backend: [
      reply(
        `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}${BODY}`,
        untilDelivered('ok'),
        `0\r\n${trailers}\r\n`,
      ),
    ],
    expect: { answers: [answer], then: answer.cut === true ? 'closed' : 'open', forwarded: ['GET / HTTP/1.1'] },
  };
}

/** RFC 9110 6.5: the trailer section of answers. */
export const RESPONSE_TRAILERS: readonly ConformanceCase[] = [
  trailerCase(
    ['RS-001', 'RFC 9110 6.5, PEERS 3 row 25'],
    'trailers that nobody announced reach the client',
    'Grpc-Status: 0\r\nGrpc-Message: fine\r\n',
    {
      status: 200,
      body: 'ok',
      framing: 'chunked',
      trailers: ['Grpc-Status: 0', 'Grpc-Message: fine'],
    },
  ),
  trailerCase(
    ['RS-002', 'RFC 9110 6.5.1, DESIGN 6'],
    'a trailer that would frame the message never reaches the client',
    'Content-Length: 100\r\n',
    {
      status: 200,
      body: 'ok',
      cut: true,
    },
  ),
  trailerCase(
    ['RS-003', 'RFC 9110 6.5.1, DESIGN 6'],
    'Transfer-Encoding as a trailer never reaches the client',
    'Transfer-Encoding: chunked\r\n',
    {
      status: 200,
      body: 'ok',
      cut: true,
    },
  ),
  trailerCase(
    ['RS-004', 'RFC 9110 6.5.1, DESIGN 6'],
    'Set-Cookie as a trailer never reaches the client',
    'Set-Cookie: a=1\r\n',
    {
      status: 200,
      body: 'ok',
      cut: true,
    },
  ),
  {
    id: 'RS-005',
    rule: 'RFC 9110 6.5.2',
    title: 'trailers do not reach a 1.0 client, nor are they merged into its head',
    send: head('GET / HTTP/1.0', 'Host: a.test'),
    backend: [reply(`${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}${BODY}0\r\nX-A: b\r\n\r\n`)],
    expect: {
      answers: [{ status: 200, body: 'ok', lacks: ['X-A'] }],
      then: 'closed',
      forwarded: ['GET / HTTP/1.1'],
    },
  },
  {
    id: 'RS-006',
    rule: 'RFC 9110 6.6.2',
    title: 'trailers that were announced reach the client',
    send: SEND,
    backend: [
      reply(`${head('HTTP/1.1 200 OK', 'Trailer: X-A', 'Transfer-Encoding: chunked')}${BODY}0\r\nX-A: b\r\n\r\n`),
    ],
    expect: {
      answers: [{ status: 200, body: 'ok', trailers: ['X-A: b'] }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
    },
  },
];
