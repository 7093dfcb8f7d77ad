import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';

import type { ErrorCode } from '../../src/base/errors/catalogue.ts';
import { createAuthority } from '../support/certificates.ts';
import { openDeafPort } from '../support/deaf-port.ts';
import { freePorts } from '../support/free-port.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { startNameServer } from '../support/name-server.ts';
import { type Program, startProgram } from '../support/program.ts';
import { type RawBackend, startRawBackend } from '../support/raw-backend.ts';
import { createFolder } from '../support/yaml-program.ts';
import type { CaseStage, FailureCase, ListenerName, TargetPlaces } from './case.ts';

/** The program that all cases run at, at the same time. */
export interface Stage {
  readonly program: Program;
  readonly accessLog: string;
  readonly caseStage: (code: ErrorCode) => CaseStage;
}

const LISTENERS: Readonly<Record<Exclude<ListenerName, 'operations'>, Readonly<Record<string, unknown>>>> = {
  main: { trust_proxy: ['127.0.0.0/8'] },
  small: { max_header_bytes: '2KiB', max_header_count: 8, max_target_bytes: 256, max_body_bytes: 10 },
  hasty: { read_header_timeout: '200ms', read_timeout: '1s', write_timeout: '1s' },
  draggy: { min_data_rate: 1_000 },
  lonely: { max_connections_per_client: 1 },
  full: { max_connections: 1 },
  proxied: { proxy_protocol: true, trust_proxy: ['127.0.0.0/8'] },
};

/** Host of a case's route: a host has no underscores. */
function hostOf(code: string): string {
  return `${code.replaceAll('_', '-')}.test`;
}

/** Starts a program with a route and a backend of its own for every case that wants one. */
export async function startStage(
  context: TestContext,
  cases: Readonly<Partial<Record<ErrorCode, FailureCase>>>,
): Promise<Stage> {
  const folder = createFolder(context);
  writeFileSync(join(folder, 'file'), '');
  const backends = new Map<string, RawBackend>();
  for (const [code, each] of Object.entries(cases))
    backends.set(code, await startRawBackend(context, each.backend ?? (() => undefined)));
  const places = await sharedPlaces(context, folder);
  const names = await startNameServer(context);
  // Last, so that nothing that is started for the test gets one of them.
  const { refusing, ...ports } = await portsOf();
  const routes: Record<string, unknown> = {};
  for (const [code, each] of Object.entries(cases)) {
    if (each.route === undefined) continue;
    const own = urlOf((backends.get(code) as RawBackend).port);
    routes[code] = {
      host: hostOf(code),
      ...each.route({ ...places, own, refusing: urlOf(refusing), proxy: urlOf(ports.main) }),
    };
  }
  const accessLog = join(folder, 'access.log');
  const file = join(folder, 'config.yaml');
  const config = { ...settings(ports, accessLog), discovery: { servers: [names.address] }, routes };
  writeFileSync(file, JSON.stringify(config));
  const program = await startProgram(context, {
    args: ['--config', file],
    env: { RWWWRSE_METRICS_PORT: String(ports.operations), RWWWRSE_REQUEST_LOGGING: 'true' },
  });
  return {
    program,
    accessLog,
    caseStage: (code) => ({ context, ports, host: hostOf(code), backend: backends.get(code) as RawBackend }),
  };
}

function settings(ports: Readonly<Record<ListenerName, number>>, accessLog: string): Record<string, unknown> {
  return {
    log: { level: 'debug' },
    access_log: { path: accessLog, format: 'json' },
    // One connection per worker and backend.
    pool: { dial_timeout: '2s', queue_timeout: '200ms', read_timeout: '2s', max_conns_per_host: 2 },
    listeners: Object.entries(LISTENERS).map(([name, limits]) => ({
      name,
      address: `127.0.0.1:${ports[name as ListenerName]}`,
      ...limits,
    })),
  };
}

async function portsOf(): Promise<Record<ListenerName | 'refusing', number>> {
  const names = [...Object.keys(LISTENERS), 'operations', 'refusing'];
  const ports = await freePorts(names.length);
  return Object.fromEntries(names.map((name, i) => [name, ports[i]])) as Record<ListenerName | 'refusing', number>;
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

async function sharedPlaces(
  context: TestContext,
  folder: string,
): Promise<Omit<TargetPlaces, 'own' | 'refusing' | 'proxy'>> {
  const { certificate: cert, key } = createAuthority(context).issue(['IP:127.0.0.1']);
  const secured = createServer({ cert, key }, (socket) => socket.destroy());
  secured.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => secured.listen(0, '127.0.0.1', resolve));
  context.after(() => secured.close());
  return {
    deaf: `http://127.0.0.1:${await openDeafPort(context)}`,
    plain: (await startHttpBackend(context, (_request, response) => void response.end('x'))).url,
    untrusted: `https://127.0.0.1:${(secured.address() as AddressInfo).port}`,
    folder,
  };
}
