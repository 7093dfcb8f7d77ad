import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { startHeldBackend } from '../support/held-backend.ts';
import { type Answer, RawConnection } from '../support/http-client.ts';
import { INSPECT, runInMain, runInWorker } from '../support/inspector.ts';
import { type Program, startProgram } from '../support/program.ts';
import { RawClient } from '../support/raw-client.ts';
import { startRawBackend } from '../support/raw-backend.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';
import type { FailureCase } from './case.ts';
import { get } from './requests.ts';

/** A program whose own state is what fails, and the answer of the request that met it. */
export interface OwnOutcome {
  readonly program: Program;
  readonly accessLog: string;
  readonly answer: Answer | null;
}

/** A failure that needs a program of its own. */
export interface OwnCase {
  readonly phase: FailureCase['phase'];
  readonly provoke: (context: TestContext) => Promise<OwnOutcome>;
}

/** A program and the file of its access log. */
export interface LoggedProgram {
  readonly program: Program;
  readonly accessLog: string;
}

/** Starts a program with a JSON access log, and an application log of everything. */
export async function startLogged(
  context: TestContext,
  config: Readonly<Record<string, unknown>>,
  nodeFlags: readonly string[] = [],
): Promise<LoggedProgram> {
  const folder = createFolder(context);
  const accessLog = join(folder, 'access.log');
  const file = join(folder, 'config.yaml');
  const logs = { log: { level: 'debug' }, access_log: { path: accessLog, format: 'json' } };
  writeFileSync(file, JSON.stringify({ ...logs, ...config }));
  const env = { RWWWRSE_REQUEST_LOGGING: 'true' };
  return { program: await startProgram(context, { args: ['--config', file], env, nodeFlags }), accessLog };
}

function route(target: string): Readonly<Record<string, unknown>> {
  return { routes: { web: { target } } };
}

/** What needs a program of its own: what only the proxy itself can do wrong, and clients of a listener with another protocol. */
export const PROXY_CASES = {
  overloaded: {
    phase: 'request',
    provoke: async (context) => {
      const backend = await startRawBackend(context, (peer) => {
        peer.send('HTTP/1.1 200 OK\r\nContent-Length: 64000000\r\n\r\n');
        peer.socket.write(Buffer.alloc(64_000_000));
      });
      const config = { buffer_budget_bytes: '1MiB', ...route(`http://127.0.0.1:${backend.port}`) };
      const own = await startLogged(context, config);
      const answer = await until('a refusal', async () => {
        const deaf = new RawClient(own.program.port);
        deaf.pause();
        deaf.get('/');
        context.after(() => deaf.destroy());
        const asked = await get(own.program.port, 'localhost', '/live');
        return asked?.status === 503 ? asked : null;
      });
      return { ...own, answer };
    },
  },
  metrics_timeout: {
    phase: 'request',
    provoke: async (context) => {
      const own = await startLogged(context, route('http://127.0.0.1:9'), INSPECT);
      await runInMain(own.program, 'const end = Date.now() + 4000; while (Date.now() < end);');
      const answer = await until('the control plane hangs', async () => {
        const asked = await get(own.program.port, 'localhost', '/metrics');
        return asked?.status === 503 ? asked : null;
      });
      return { ...own, answer };
    },
  },
  shutting_down: {
    phase: 'first_byte',
    provoke: async (context) => {
      const backend = await startHeldBackend(context);
      const own = await startLogged(context, { shutdown: { timeout: '500ms' }, ...route(backend.url) });
      const client = await new RawConnection(own.program.port).opened();
      client.get('/held');
      await until('the backend has the request', () => backend.waiting === 1);
      own.program.signal('SIGTERM');
      return { ...own, answer: await client.answer() };
    },
  },
  no_file_descriptors: {
    phase: 'connect',
    provoke: async (context) => {
      const backend = await startHeldBackend(context);
      const own = await startLogged(context, route(backend.url));
      const { pid } = own.program;
      const client = await new RawConnection(own.program.port).opened();
      // Counted when it is answered; nothing else opens files then.
      client.get('/live');
      await client.answer();
      const limit = (text: string): unknown => spawnSync('prlimit', ['--pid', String(pid), `--nofile=${text}:`]);
      const used = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
      // The lowest free descriptor is the next one: there is none below the limit then.
      for (let free = 0; ; free++) {
        if (used.has(free)) continue;
        limit(String(free));
        break;
      }
      client.get('/');
      const answer = await client.answer();
      limit('1024');
      client.destroy();
      return { ...own, answer };
    },
  },
  internal_defect: {
    phase: 'request',
    provoke: async (context) => {
      const own = await startLogged(
        context,
        { routes: { web: { host: 'a.test', target: 'http://127.0.0.1:9' } } },
        INSPECT,
      );
      // What makes the body of an answer throws once.
      const code =
        'const { from } = Buffer; Buffer.from = (...args) => {' +
        " if (!String(args[0]).includes('host_not_configured')) return from(...args); Buffer.from = from; throw new Error('drill'); }";
      await runInWorker(own.program, 'data-0', code);
      await runInWorker(own.program, 'data-1', code);
      const answer = await until('a throw', async () => {
        const asked = await get(own.program.port, 'b.test');
        return asked?.status === 500 ? asked : null;
      });
      return { ...own, answer };
    },
  },
} as const satisfies Record<string, OwnCase>;
