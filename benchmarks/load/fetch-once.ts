import { Agent, request } from 'node:http';

/** A complete answer. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const ANSWER_DEADLINE_MS = 2_000;
const noKeepAlive = new Agent({ keepAlive: false });

/**
 * One GET to 127.0.0.1, on a connection of its own unless an agent is given. Rejects when there is no complete answer within 2 s.
 */
export function fetchOnce(port: number, path: string, agent = noKeepAlive): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      response.once('error', reject);
    });
    outgoing.setTimeout(ANSWER_DEADLINE_MS, () => outgoing.destroy(new Error('no answer within 2 s')));
    outgoing.once('error', reject);
    outgoing.end();
  });
}
