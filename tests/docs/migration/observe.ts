import { Agent, request as send, type IncomingMessage } from 'node:http';

import type { CaseRequest } from './migration-case.ts';

/** What a backend saw of a request. */
export interface BackendView {
  /** As the page names it. */
  readonly port: string;
  readonly method: string;
  readonly target: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** What became of one request. */
export interface Observation {
  readonly status: number;
  readonly answerFields: Readonly<Record<string, string>>;
  readonly body: string;
  /** Null: no backend got it. */
  readonly backend: BackendView | null;
}

const DEADLINE_MS = 10_000;

/** Field of the echo backends' answers: what they saw, as JSON. */
export const ECHO_FIELD = 'x-echo';

/** Sends a request as often as it says, over one connection, and tells what became of each. */
export async function observe(
  port: number,
  wanted: CaseRequest,
  named: (text: string) => string,
): Promise<Observation[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const seen: Observation[] = [];
  try {
    for (let count = 0; count < wanted.times; count++) seen.push(await observeOnce({ port, agent }, wanted, named));
  } finally {
    agent.destroy();
  }
  return seen;
}

async function observeOnce(
  place: { port: number; agent: Agent },
  wanted: CaseRequest,
  named: (text: string) => string,
): Promise<Observation> {
  const { response, body } = await exchange(place, wanted);
  const fields = Object.entries(response.headers).map(([name, value]) => [name, named(String(value))]);
  const { [ECHO_FIELD]: echo, ...answerFields } = Object.fromEntries(fields) as Record<string, string>;
  const backend = echo === undefined ? null : (JSON.parse(echo) as BackendView);
  return { status: response.statusCode ?? 0, answerFields, body, backend };
}

function exchange(
  { port, agent }: { port: number; agent: Agent },
  { method, host, target, fields, bodyBytes }: CaseRequest,
): Promise<{ response: IncomingMessage; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { Host: host, 'User-Agent': 'migration', ...fields };
    const outgoing = send({ host: '127.0.0.1', port, agent, method, path: target, headers });
    outgoing.setTimeout(DEADLINE_MS, () => outgoing.destroy(new Error(`no answer to ${method} ${host}${target}`)));
    outgoing.once('error', reject);
    outgoing.once('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ response, body: '' });
    });
    outgoing.once('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.once('error', reject);
      response.once('end', () => resolve({ response, body }));
    });
    outgoing.end(bodyBytes === 0 ? undefined : Buffer.alloc(bodyBytes));
  });
}
