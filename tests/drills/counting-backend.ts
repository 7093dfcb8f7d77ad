/** A backend process of the counting drill: sends its port when it listens, and what it counted whenever it gets a message. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { BackendCounts } from './counting/messages.ts';
import { count, type Tally } from './counting/tally.ts';

const asked: Tally = {};
const PART = 'x'.repeat(10_000);

const server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, (request, response) => {
  const action = (request.url ?? '').split('/').at(-1) ?? '';
  count(asked, action);
  response.on('error', () => undefined);
  request.on('error', () => undefined);
  // A connection that is closed over an unread body would be reset before the proxy has sent all of it.
  if (action === 'hold' || action === 'part') answer(action, response);
  else request.once('end', () => answer(action, response));
  request.resume();
});

function answer(action: string, response: ServerResponse): void {
  if (action === 'reset') response.destroy();
  else if (action === 'hold') response.writeEarlyHints({ link: '</a>' });
  else if (action === 'part') response.writeHead(200, { 'content-length': 99_999 }).write(PART);
  else if (action === 'cut') response.writeHead(200, { 'content-length': 999 }).write('x', () => response.destroy());
  else sendStatus(Number(action.slice(1)), response);
}

function sendStatus(status: number, response: ServerResponse): void {
  const hasBody = status !== 204 && status !== 304;
  response.writeHead(status, hasBody ? { 'content-length': 5 } : {}).end(hasBody ? 'hello' : '');
}

server.on('upgrade', (_request, socket) => {
  count(asked, 'tunnel');
  socket.on('error', () => undefined);
  socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: drill\r\n\r\nbye');
});

process.on('message', () => process.send?.({ asked } satisfies BackendCounts));
process.once('disconnect', () => process.exit());
server.listen({ host: '127.0.0.1', port: 0, backlog: 1_024 }, () => {
  process.send?.((server.address() as AddressInfo).port);
});
