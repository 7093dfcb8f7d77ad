import { Agent } from 'node:http';
import { fetchOnce } from './fetch-once.ts';
import type { Program } from './program.ts';

/** What every proxy must add to a request. */
const FORWARDED_FIELDS = ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Request-ID'] as const;

/**
 * What a proxy leaves undone that the others do, as short notes: a forwarded field that does not reach the backend, or a new
 * backend connection for every request. Empty when it does the same work.
 */
export async function findShortcuts(program: Program): Promise<string[]> {
  // Some proxies pass a client's `Connection: close` on to the backend: the load keeps its connections, so this does too.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const echoes: Record<string, string | number>[] = [];
  for (let count = 0; count < 3; count++) echoes.push(await fetchEcho(program, agent));
  agent.destroy();
  const notes = FORWARDED_FIELDS.filter((field) => !echoes[0]?.[field]).map((field) => `sends no ${field}`);
  const reused = echoes.some((echo) => Number(echo['requestsOnConnection']) > 1);
  return reused ? notes : [...notes, 'does not reuse backend connections'];
}

/** Why the answers of a proxy to `path` are not the backend's: status or length; empty when they are. */
export async function findWrongAnswer(program: Program, path: string, bodyBytes: number): Promise<string[]> {
  const answer = await fetchOnce(program.port, path);
  if (answer.status !== 200) return [`status ${answer.status} for ${path}`];
  return answer.body.length === bodyBytes ? [] : [`${answer.body.length} bytes for ${path} instead of ${bodyBytes}`];
}

async function fetchEcho(program: Program, agent: Agent): Promise<Record<string, string | number>> {
  const answer = await fetchOnce(program.port, '/echo', agent);
  try {
    const echo: Record<string, string | number> = JSON.parse(answer.body.toString());
    return echo;
  } catch (error) {
    throw program.failure(
      `the backend's answer to /echo did not come through (status ${answer.status}, ${String(error)})`,
    );
  }
}
