import { type Answer, RawConnection } from '../support/http-client.ts';
import { RawClient } from '../support/raw-client.ts';

/** Sends bytes on a connection of their own; null when the server closes without an answer. */
export async function send(port: number, text: string): Promise<Answer | null> {
  const connection = await new RawConnection(port).opened();
  connection.send(text);
  const answer = await connection.answerOrClose();
  connection.destroy();
  return answer;
}

/** A request of these lines, and what follows them. */
export function requestText(line: string, fields: readonly string[], rest = ''): string {
  return `${[line, ...fields].join('\r\n')}\r\n\r\n${rest}`;
}

/** Sends a GET to the host of a case. */
export function get(port: number, host: string, path = '/'): Promise<Answer | null> {
  return send(port, requestText(`GET ${path} HTTP/1.1`, [`Host: ${host}`]));
}

/** Opens a connection, sends bytes, waits for a condition, then closes or resets the connection. */
export async function leave(port: number, text: string, when: (client: RawClient) => Promise<unknown>): Promise<null> {
  const client = new RawClient(port);
  client.send(text);
  await when(client);
  client.reset();
  return null;
}
