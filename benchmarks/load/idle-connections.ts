import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Connections that each had one request answered and were then left alone. */
export interface IdleConnections {
  /** Those that are still open. */
  countOpen(): number;
  close(): void;
}

const CONCURRENT_OPENS = 100;
const ANSWER_DEADLINE_MS = 10_000;
/** Source addresses that the connections are spread over, so that no limit per client is met: 127.0.0.2 and up. */
const SOURCE_ADDRESSES = 40;
const REQUEST = 'GET / HTTP/1.1\r\nHost: idle.example\r\n\r\n';

/** Opens `count` connections to 127.0.0.1, 100 at a time. Rejects at the first that gets no 200 with a length. */
export async function openIdleConnections(port: number, count: number): Promise<IdleConnections> {
  const sockets: Socket[] = [];
  let next = 0;
  const openNext = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      sockets.push(await openOne(port, `127.0.0.${2 + (index % SOURCE_ADDRESSES)}`));
    }
  };
  const close = (): void => sockets.forEach((socket) => socket.destroy());
  try {
    await Promise.all(Array.from({ length: CONCURRENT_OPENS }, openNext));
  } catch (error) {
    next = count;
    close();
    throw error;
  }
  return { countOpen: () => sockets.filter((socket) => socket.readyState === 'open').length, close };
}

function openOne(port: number, localAddress: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new Error(`an idle connection got no answer: ${reason}`));
    };
    let received = '';
    socket.setTimeout(ANSWER_DEADLINE_MS, () => fail(`nothing for ${ANSWER_DEADLINE_MS / 1000} s`));
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('closed'));
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (!isComplete(received)) return;
      if (!received.startsWith('HTTP/1.1 200 ')) return fail(received.slice(0, received.indexOf('\r\n')));
      socket.setTimeout(0);
      received = '';
      resolve(socket);
    });
    socket.write(REQUEST);
  });
}

function isComplete(received: string): boolean {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const head = received.slice(0, headEnd);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) return received.length >= headEnd + 4 + Number(length);
  return received.endsWith('\r\n0\r\n\r\n');
}
