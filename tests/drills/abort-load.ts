import { connect, type Socket } from 'node:net';

/** Where in an exchange the client goes away. */
export const ABORT_KINDS = ['head', 'upload', 'waiting', 'answer'] as const;

const REQUESTS: Readonly<Record<(typeof ABORT_KINDS)[number], string>> = {
  head: 'GET /x HTTP/1.1\r\nHost: drill.test\r\nUser-',
  upload: 'POST /upload HTTP/1.1\r\nHost: drill.test\r\nContent-Length: 100000\r\n\r\nonly the beginning',
  waiting: 'GET /never HTTP/1.1\r\nHost: drill.test\r\n\r\n',
  answer: 'GET /endless HTTP/1.1\r\nHost: drill.test\r\n\r\n',
};

/** Loopback addresses that clients come from: one address has 28,000 ports, and a closed one rests for a minute. */
const SOURCES = 16;

/**
 * Opens `count` connections, `parallel` at a time, and aborts each in the middle of its exchange: with a FIN or a reset in turn,
 * in the middle of the head, of the upload, of the wait, of the answer.
 */
export async function abortClients(
  port: number,
  count: number,
  parallel: number,
  onProgress: (done: number) => void,
): Promise<void> {
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < count) {
      const index = started++;
      await abortOne(port, index);
      if (index % 10_000 === 9_999) onProgress(index + 1);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}

function abortOne(port: number, index: number): Promise<void> {
  const kind = ABORT_KINDS[(index >> 1) % ABORT_KINDS.length] as (typeof ABORT_KINDS)[number];
  const { promise, resolve } = Promise.withResolvers<void>();
  const localAddress = `127.0.0.${1 + ((index >> 3) % SOURCES)}`;
  const socket = connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: false });
  const leave = (): void => {
    if ((index & 1) === 0) socket.destroy();
    else socket.resetAndDestroy();
  };
  socket.once('connect', () => {
    socket.write(REQUESTS[kind], () => {
      if (kind !== 'answer') leave();
    });
    if (kind === 'answer') leaveAtFirstByte(socket, leave);
  });
  socket.on('error', () => undefined);
  socket.once('close', () => resolve());
  return promise;
}

function leaveAtFirstByte(socket: Socket, leave: () => void): void {
  socket.once('data', leave);
}
