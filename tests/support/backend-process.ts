import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { killStarted } from './processes.ts';
import { until } from './until.ts';

/** How a backend process treats requests. */
export type BackendMode = 'answers' | 'resets' | 'busy' | 'slow';

/** Longer than any attempt is waited for in the drills. */
const SLOW_MS = 5_000;
const BODY = 'x'.repeat(1_024);

/** A backend in a process of its own, so that it can be killed and stopped like a real one. */
export class BackendProcess {
  readonly port: number;
  /** Requests that arrived, of all lives of the process. */
  requests = 0;
  private readonly context: TestContext;
  private child: ChildProcess | null = null;

  private constructor(context: TestContext, port: number) {
    this.context = context;
    this.port = port;
  }

  /** Starts a backend on a loopback port; it ends with the test. */
  static async start(context: TestContext, port: number): Promise<BackendProcess> {
    const backend = new BackendProcess(context, port);
    await backend.start();
    return backend;
  }

  /** Starts the process, again after `kill`. */
  async start(): Promise<void> {
    const child = fork(fileURLToPath(import.meta.url), [String(this.port)], { stdio: 'inherit' });
    this.child = child;
    this.context.after(() => killStarted(child.pid as number));
    let isListening = false;
    child.on('message', (count: number) => {
      isListening = true;
      this.requests += count;
    });
    await until('the backend process listens', () => isListening);
  }

  /** Changes how requests are treated from now on. */
  mode(mode: BackendMode): void {
    this.child?.send(mode);
  }

  /** Sends a signal: SIGKILL ends it, SIGSTOP and SIGCONT halt it. */
  signal(name: NodeJS.Signals): void {
    this.child?.kill(name);
  }
}

/** The process: tells the number of requests since it told last, 0 when it listens. */
function serve(port: number): void {
  let mode: BackendMode = 'answers';
  let count = 0;
  process.on('message', (wanted: BackendMode) => (mode = wanted));
  process.on('disconnect', () => process.exit());
  setInterval(() => {
    if (count > 0) process.send?.(count);
    count = 0;
  }, 50);
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    count++;
    request.resume();
    if (mode === 'resets') request.socket.resetAndDestroy();
    else if (mode === 'busy') response.writeHead(503, { 'content-length': 4 }).end('busy');
    else if (mode === 'slow') setTimeout(() => response.end(BODY), SLOW_MS);
    else response.end(BODY);
  });
  server.listen(port, '127.0.0.1', 1_024, () => process.send?.(0));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(Number(process.argv[2]));
