import { Socket } from 'node:net';
import type { Client } from 'pg';
import { loadTls } from '../../dataplane/upstream/tls/load-tls.ts';
import { runCheck, type CheckScope } from './check-scope.ts';
import { type Check, type CheckVerdict, failed, passed } from './check.ts';
import type { NameResolver } from './name-resolver.ts';

/** A real `SELECT 1` after a real login, by the optional package `pg`, which is loaded with the first check. */
export function postgresCheck(url: string, timeoutMs: number, resolver: NameResolver): Check {
  return () => runCheck(timeoutMs, (scope) => ask(scope, url, resolver));
}

async function ask(scope: CheckScope, url: string, resolver: NameResolver): Promise<CheckVerdict> {
  const pg = await loadPackage();
  if (pg === null) return failed('package_missing', 'npm install pg');
  // The package secures connections by Node's own list of authorities, where nothing says that the system's are to be trusted.
  if (/[?&]ssl/.test(url)) loadTls();
  let client: Client;
  try {
    const stream = (): Socket => createStream(scope, resolver);
    client = new pg.Client({ connectionString: url, application_name: 'rwwwrse-health', stream });
  } catch (error) {
    return failed('url_invalid', (error as NodeJS.ErrnoException).code ?? null);
  }
  // Errors of a connection that is given up come as events; nobody listening would end the program.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ one: unknown }>('SELECT 1 AS one');
    await client.end();
    return rows[0]?.one === 1 ? passed() : failed('answer_invalid');
  } catch (error) {
    // An answer of the server has a severity. Its code (SQLSTATE) says enough; its text may name users and databases.
    const { severity, code } = error as { severity?: string; code?: string };
    if (severity !== undefined) return failed('command_refused', code ?? null);
    throw error;
  }
}

/** The client opens the connection itself; it ends with the check, and looks names up as all checks do. */
function createStream(scope: CheckScope, resolver: NameResolver): Socket {
  const socket = scope.own(new Socket());
  const connect = socket.connect.bind(socket) as (options: object | string) => Socket;
  const lookup = resolver.asLookup();
  const connectByResolver = (place: number | string, host?: string): Socket =>
    connect(typeof place === 'string' ? place : { port: place, host, lookup, autoSelectFamily: false });
  socket.connect = connectByResolver as Socket['connect'];
  socket.once('connect', () => (scope.phase = 'answer'));
  return socket;
}

/** Null when the package, which is optional, is not installed. */
async function loadPackage(): Promise<{ readonly Client: typeof Client } | null> {
  try {
    return await import('pg');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}
