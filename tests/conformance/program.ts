import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { freePort } from '../support/free-port.ts';
import { type Program, startProgram } from '../support/program.ts';
import type { ListenerName } from './case.ts';

/** How the program under test moves bytes: see src/dataplane/wire/open.ts. */
export type WireName = 'handle' | 'stream';

/** A running program with all listeners of the table. */
export interface ProgramUnderTest {
  readonly program: Program;
  readonly ports: Readonly<Record<ListenerName, number>>;
}

/** What each listener has besides the defaults; the cases rely on these numbers. */
const LISTENERS: Readonly<Record<ListenerName, readonly string[]>> = {
  plain: [],
  trusting: ["trust_proxy: ['127.0.0.0/8']"],
  patient: ['half_close: true'],
  narrow: [
    'max_target_bytes: 128',
    'max_header_bytes: 1024',
    'max_header_count: 10',
    'max_body_bytes: 64',
    'max_requests_per_connection: 3',
  ],
  hasty: ['read_header_timeout: 300ms', 'read_timeout: 600ms', 'idle_timeout: 300ms'],
};

const PRELOAD = import.meta.resolve('../support/use-stream-wire.ts');

/** Starts the real program with two workers in front of a backend; it ends with the test. */
export async function startUnderTest(
  context: TestContext,
  backendUrl: string,
  wire: WireName,
): Promise<ProgramUnderTest> {
  const names = Object.keys(LISTENERS) as ListenerName[];
  const ports = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
  ) as Record<ListenerName, number>;
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, configOf(ports, backendUrl, await freePort()));
  const program = await startProgram(context, {
    port: ports.plain,
    // Cases are about backends that misbehave: none may be left out for what it did in the case before.
    env: {
      RWWWRSE_CONFIG_FILE: file,
      RWWWRSE_CIRCUIT_BREAKER_ENABLED: 'false',
      RWWWRSE_PASSIVE_HEALTH_ENABLED: 'false',
    },
    nodeFlags: wire === 'stream' ? ['--import', PRELOAD] : [],
  });
  return { program, ports };
}

function configOf(ports: Readonly<Record<ListenerName, number>>, backendUrl: string, deadPort: number): string {
  const listeners = Object.entries(LISTENERS).flatMap(([name, lines]) => [
    `  - name: ${name}`,
    `    address: 127.0.0.1:${ports[name as ListenerName]}`,
    ...lines.map((line) => `    ${line}`),
  ]);
  return [
    'listeners:',
    ...listeners,
    `default_backend: ${backendUrl}`,
    'pool:',
    '  read_timeout: 700ms',
    'routes:',
    `  hasty: { host: hasty.test, target: '${backendUrl}', timeout: 300ms }`,
    `  dead: { host: dead.test, target: 'http://127.0.0.1:${deadPort}' }`,
    '',
  ].join('\n');
}
