import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { killStarted } from './processes.ts';
import { Program, programEnv } from './program.ts';
import { until } from './until.ts';
import { createFolder } from './yaml-program.ts';

const ENTRY = join(import.meta.dirname, '../../src/cli/main.ts');

/** Reads notifications as systemd does; a barrier is answered by closing the descriptor that comes with it. */
const RECEIVER = `
import array, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True:
    data, control, _, _ = s.recvmsg(65536, socket.CMSG_LEN(64))
    for level, kind, bytes in control:
        fds = array.array('i')
        fds.frombytes(bytes[:len(bytes) - len(bytes) % fds.itemsize])
        for fd in fds: os.close(fd)
    print(data.decode().replace('\\n', ' '), flush=True)
`;

/** Opens sockets as a .socket unit with ReusePort= does, keeps them, and starts a command with them from descriptor 3. */
const ACTIVATOR = `
import os, signal, socket, sys
specs, command = sys.argv[1].split(','), sys.argv[2:]
held = []
for spec in specs:
    if spec.startswith('/'):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.bind(spec)
    elif spec.startswith('udp:'):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(('127.0.0.1', int(spec[4:])))
    else:
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        s.bind(('127.0.0.1', int(spec)))
    if s.type == socket.SOCK_STREAM: s.listen(128)
    held.append(s)
copies = [os.dup(s.fileno()) for s in held]
child = os.fork()
if child == 0:
    high = [os.dup2(fd, 100 + at) for at, fd in enumerate(copies)]
    for at, fd in enumerate(high): os.dup2(fd, 3 + at, inheritable=True)
    os.closerange(3 + len(specs), 200)
    os.environ.update(LISTEN_FDS=str(len(specs)), LISTEN_PID=str(os.getpid()))
    os.execvp(command[0], command)
for fd in copies: os.close(fd)
signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

/** Why tests with a service manager cannot run here; null when they can. */
export const NO_SERVICE_MANAGER: string | false =
  spawnSync('python3', ['--version']).status === 0 && spawnSync('systemd-notify', ['--version']).status === 0
    ? false
    : 'MISSING: python3 or systemd-notify';

/** What a service manager was told. */
export class Notifications {
  /** For NOTIFY_SOCKET. */
  readonly path: string;
  /** Messages in their order, assignments with blanks between them, barriers left out. */
  readonly messages: string[] = [];

  constructor(path: string) {
    this.path = path;
  }

  /** Waits for a message that begins like this. */
  async untilTold(start: string, deadlineMs = 20_000): Promise<string> {
    return until(
      `notification ${start}`,
      () => this.messages.find((message) => message.startsWith(start)) ?? null,
      deadlineMs,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; told: ${this.messages.join(' | ')}`);
    });
  }
}

/** Receives notifications until the test ends. */
export async function receiveNotifications(context: TestContext): Promise<Notifications> {
  const told = new Notifications(join(createFolder(context), 'notify'));
  const child = spawn('python3', ['-c', RECEIVER, told.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => killStarted(child.pid ?? 0));
  const state = { bound: false, rest: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${state.rest}${text}`.split('\n');
    state.rest = lines.pop() ?? '';
    state.bound = true;
    told.messages.push(...lines.filter((line) => line !== 'bound' && !line.startsWith('BARRIER')));
  });
  await until('notifications are received', () => state.bound);
  return told;
}

/** How the sockets of a program are opened for it. */
export interface ActivationOptions {
  /** A port, the path of a unix socket, or `udp:` and a port; the same one may be there several times. */
  readonly sockets: readonly string[];
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** Starts the program as a service manager with open sockets does. `ended` mirrors its end; `servingPids` has its process ids. */
export function startActivated(context: TestContext, options: ActivationOptions): Program {
  const { sockets, port, env, args = [] } = options;
  const command = [process.execPath, ENTRY, ...args];
  const child = spawn('python3', ['-c', ACTIVATOR, sockets.join(','), ...command], {
    env: { ...programEnv(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const program = new Program(child, port);
  context.after(() => program.dispose());
  return program;
}
