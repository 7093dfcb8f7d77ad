import type { StatusRange } from '../../config/resilience-settings.ts';
import { AnswerReader } from './answer-reader.ts';
import { connectEndpoint, type FindEndpoint } from './check-connection.ts';
import { runCheck, type CheckScope } from './check-scope.ts';
import { type Check, type CheckVerdict, failed, passed } from './check.ts';

/** What an HTTP check asks, and what it expects. */
export interface HttpCheckSettings {
  readonly method: string;
  /** Path and query as they are sent. */
  readonly target: string;
  readonly host: string;
  /** Sent besides, or in place of, those of {@link requestText}. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly expectedStatuses: readonly StatusRange[];
  /** Text that the first 64 KiB of the body must hold; null = any body. */
  readonly expectedBody: string | null;
  readonly timeoutMs: number;
}

/** Methods whose requests say that they have no body (RFC 9110 8.6). */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** A check by one request on a connection of its own: connecting is part of what it proves. */
export function httpCheck(find: FindEndpoint, settings: HttpCheckSettings): Check {
  const request = requestText(settings);
  const expected = settings.expectedBody === null ? null : Buffer.from(settings.expectedBody);
  const ask = async (scope: CheckScope): Promise<CheckVerdict> => {
    const endpoint = await find(scope);
    if (endpoint.addresses.length === 0) return failed('unresolved');
    const socket = await connectEndpoint(scope, endpoint);
    socket.write(request, 'latin1');
    const reader = new AnswerReader(settings.method === 'HEAD');
    for await (const bytes of socket) {
      const state = reader.take(bytes as Buffer);
      if (state === 'invalid') return failed('answer_invalid', null, reader.status);
      if (state === 'complete') return judge(reader, settings.expectedStatuses, expected);
    }
    if (!scope.isCutShort() && reader.ended() === 'complete') return judge(reader, settings.expectedStatuses, expected);
    return failed('answer_incomplete', null, reader.status);
  };
  return () => runCheck(settings.timeoutMs, ask);
}

/** The head of the request: `Host`, `User-Agent`, `Accept` and `Connection` unless the settings name them. */
function requestText({ method, target, host, headers }: HttpCheckSettings): string {
  const own = new Set(headers.map(([name]) => name.toLowerCase()));
  const standard: [string, string][] = [
    ['Host', host],
    ['User-Agent', 'rwwwrse-health/1.0.0'],
    ['Accept', '*/*'],
    ['Connection', 'close'],
  ];
  if (WITH_BODY.has(method)) standard.push(['Content-Length', '0']);
  const fields = [...standard.filter(([name]) => !own.has(name.toLowerCase())), ...headers];
  return `${method} ${target} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

function judge(reader: AnswerReader, statuses: readonly StatusRange[], expected: Buffer | null): CheckVerdict {
  const { status } = reader;
  if (!statuses.some(({ from, to }) => status >= from && status <= to))
    return failed('status_unexpected', null, status);
  if (expected !== null && !reader.text.includes(expected)) return failed('body_unexpected', null, status);
  return passed(status);
}
