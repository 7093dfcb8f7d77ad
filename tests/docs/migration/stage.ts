import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';

import { freePort } from '../../support/free-port.ts';
import { killStarted } from '../../support/processes.ts';
import { startProgram } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import { createFolder } from '../../support/yaml-program.ts';
import { ECHO_FIELD, type BackendView } from './observe.ts';

/** Ports of the backends that the pages name; nobody listens on the last one. */
const BACKEND_PORTS = ['3000', '3001', '3002', '3009'] as const;

/** Another proxy, as a page's configuration of it is run. */
export interface PeerKind {
  readonly program: string;
  /** Prints the version and ends with 0. */
  readonly versionArg: string;
  /** Arguments for the configuration file. */
  args(file: string): readonly string[];
  /** The whole configuration around the page's part. */
  wrap(text: string, port: number): string;
}

/** nginx: the part of a page stands in `http`. */
export const NGINX: PeerKind = {
  program: 'nginx',
  versionArg: '-v',
  args: (file) => ['-c', file, '-e', 'stderr'],
  wrap: (text, port) =>
    `daemon off; master_process off; pid FOLDER/nginx.pid; error_log stderr;
     events { worker_connections 64; }
     http {
       client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy; fastcgi_temp_path FOLDER/fastcgi;
       uwsgi_temp_path FOLDER/uwsgi; scgi_temp_path FOLDER/scgi;
       ${text.includes('access_log') ? '' : 'access_log off;'}
       ${text.replaceAll(/\blisten 80\b/g, `listen 127.0.0.1:${port}`)}
     }`,
};

/** Caddy: the part of a page is sites with `http://` addresses. */
export const CADDY: PeerKind = {
  program: 'caddy',
  versionArg: 'version',
  args: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
  wrap: (text, port) => {
    const own = `admin off\nhttp_port ${port}\ndefault_bind 127.0.0.1\nlog {\nlevel ERROR\n}`;
    return text.startsWith('{\n') ? text.replace('{\n', `{\n${own}\n`) : `{\n${own}\n}\n${text}`;
  },
};

/** The backends of a case and a folder, and what stands for the names of the page. */
export class Stage {
  /** Where the programs' files are; `FOLDER` in their configurations. */
  readonly folder: string;
  private readonly context: TestContext;
  private readonly ports: ReadonlyMap<string, string>;

  private constructor(context: TestContext, folder: string, ports: ReadonlyMap<string, string>) {
    this.context = context;
    this.folder = folder;
    this.ports = ports;
  }

  /** Starts the echo backends; all ends with the test. */
  static async create(context: TestContext): Promise<Stage> {
    const folder = createFolder(context);
    mkdirSync(join(folder, 'www'));
    writeFileSync(join(folder, 'www/sorry.html'), '<p>We are back soon.</p>\n');
    const ports = new Map<string, string>();
    for (const name of BACKEND_PORTS) {
      ports.set(name, name === '3009' ? String(await freePort()) : await startEcho(context, name));
    }
    return new Stage(context, folder, ports);
  }

  /** Starts the other proxy and gives its port. */
  async startPeer(kind: PeerKind, text: string): Promise<number> {
    const port = await freePort();
    const file = join(this.folder, kind.program);
    writeFileSync(file, this.adapt(kind.wrap(text, port)));
    const env = { PATH: process.env['PATH'] ?? '', HOME: this.folder };
    const child = spawn(kind.program, kind.args(file), { env, cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    await this.untilServing(child, port, kind.program);
    return port;
  }

  /** Starts rwwwrse and gives its port. */
  async startOwn(text: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
    const file = join(this.folder, 'config.yaml');
    writeFileSync(file, this.adapt(text));
    const program = await startProgram(this.context, { args: ['--config', file], env });
    return program.port;
  }

  /** What a program says, in the names of the page: `port` is 80 there. */
  named(text: string, port: number): string {
    let named = text.replaceAll(`:${port}`, '');
    for (const [name, real] of this.ports) named = named.replaceAll(`:${real}`, `:${name}`);
    return named;
  }

  private adapt(text: string): string {
    const adapted = text.replaceAll(/\bFOLDER\b/g, this.folder).replaceAll('/srv/www', join(this.folder, 'www'));
    return adapted.replaceAll(/:(30\d\d)\b/g, (_, name: string) => `:${this.ports.get(name) ?? name}`);
  }

  private async untilServing(child: ChildProcess, port: number, name: string): Promise<void> {
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const kill = (): void => killStarted(child.pid ?? 0);
    process.once('exit', kill);
    this.context.after(async () => {
      kill();
      process.off('exit', kill);
      await until(`${name} ended`, () => child.exitCode !== null || child.signalCode !== null);
    });
    await until(`${name} serves or ended`, async () => child.exitCode !== null || isOpen(port));
    if (child.exitCode !== null) throw new Error(`${name} ended: ${errors}`);
  }
}

/** A backend that tells what it got, and redirects `/moved` to `/there` at the host that it was asked for. */
async function startEcho(context: TestContext, name: string): Promise<string> {
  const echoOf = ({ method = '', url = '', headers }: IncomingMessage): string => {
    const fields = Object.fromEntries(Object.entries(headers).map(([field, value]) => [field, String(value)]));
    return JSON.stringify({ port: name, method, target: url, fields } satisfies BackendView);
  };
  const server = createServer((request, response) => {
    const moved = request.url === '/moved' ? { Location: `http://${request.headers.host}/there` } : {};
    const fields = { [ECHO_FIELD]: echoOf(request), 'X-Runtime': '7', 'Content-Type': 'text/plain', ...moved };
    request.resume();
    // Not before the end of the body: a backend that closes with bytes unread resets the connection, and nginx makes that a 502.
    request.once('end', () => {
      response.writeHead('Location' in moved ? 302 : 200, fields);
      response.end(`${name}\n`);
    });
  });
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => undefined);
    const { upgrade = '' } = request.headers;
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n${ECHO_FIELD}: ${echoOf(request)}\r\n\r\n`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return String((server.address() as AddressInfo).port);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
