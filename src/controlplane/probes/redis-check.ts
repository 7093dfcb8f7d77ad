import { connectEndpoint } from './check-connection.ts';
import { runCheck, type CheckScope } from './check-scope.ts';
import { type Check, type CheckVerdict, failed, passed } from './check.ts';
import { type DependencyAddress, endpointOf } from './dependency-address.ts';

/** Replies to what is asked here are short lines; a server that sends more is none. */
const REPLY_BYTES = 4_096;

/** A `PING`, after `AUTH` and `SELECT` where the URL has a user, a password or a number of a database (RESP 2). */
export function redisCheck(address: DependencyAddress, timeoutMs: number): Check {
  const commands = commandsFor(address);
  const request = Buffer.from(commands.map(encode).join(''));
  const ask = async (scope: CheckScope): Promise<CheckVerdict> => {
    const endpoint = await endpointOf(scope, address);
    if (endpoint.addresses.length === 0) return failed('unresolved');
    const socket = await connectEndpoint(scope, endpoint);
    socket.write(request);
    let text = '';
    for await (const bytes of socket) {
      text += (bytes as Buffer).latin1Slice();
      const verdict = judge(text, commands.length);
      if (verdict !== null) return verdict;
    }
    return failed('answer_incomplete');
  };
  return () => runCheck(timeoutMs, ask);
}

function commandsFor({ user, password, path }: DependencyAddress): string[][] {
  const commands: string[][] = [];
  if (password !== '') commands.push(user === '' ? ['AUTH', password] : ['AUTH', user, password]);
  const database = path.slice(1);
  if (database !== '' && database !== '0') commands.push(['SELECT', database]);
  commands.push(['PING']);
  return commands;
}

/** An array of bulk strings: the form in which no argument can end a command. */
function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** Null while replies are missing. The first error decides; it is the server's own words, which hold no secret. */
function judge(text: string, wanted: number): CheckVerdict | null {
  const lines = text.split('\r\n');
  const replies = lines.slice(0, -1);
  const refusal = replies.find((line) => line.startsWith('-'));
  if (refusal !== undefined) return failed('command_refused', refusal.slice(1, 121));
  if (replies.some((line) => !line.startsWith('+'))) return failed('answer_invalid');
  if (replies.length >= wanted) return replies[wanted - 1] === '+PONG' ? passed() : failed('answer_invalid');
  return text.length > REPLY_BYTES ? failed('answer_invalid') : null;
}
