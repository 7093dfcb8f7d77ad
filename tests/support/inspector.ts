import type { Program } from './program.ts';
import { until } from './until.ts';

/** Starts the program with its inspector on a free port. */
export const INSPECT: readonly string[] = ['--inspect=127.0.0.1:0'];

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly sessionId: string; readonly workerInfo?: { readonly title: string } };
}

/** Runs code inside the main thread of a program started with {@link INSPECT}; it may block. */
export async function runInMain(program: Program, code: string): Promise<void> {
  const url = await until('the inspector listens', () => /ws:\/\/\S+/.exec(program.stderr)?.[0] ?? null);
  const socket = new WebSocket(url);
  let answered = false;
  socket.addEventListener('message', () => (answered = true));
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('the inspector does not answer')));
  });
  const expression = `setTimeout(() => { ${code} }, 300); 0`;
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
  await until('the thread took the code', () => answered);
  socket.close();
}

/**
 * Runs code inside a worker thread of a program started with {@link INSPECT}, from outside: the product needs no hooks for
 * drills. The connection is closed before this returns, so that nothing is attached when the drill begins.
 *
 * @param name of the thread: `data-0`, `access-log`
 */
export async function runInWorker(program: Program, name: string, code: string): Promise<void> {
  const url = await until('the inspector listens', () => /ws:\/\/\S+/.exec(program.stderr)?.[0] ?? null);
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('the inspector does not answer')));
  });
  const threads = new Map<string, string>();
  let answered = false;
  let closed = false;
  socket.addEventListener('close', () => (closed = true));
  socket.addEventListener('message', ({ data }) => {
    const { method, params } = JSON.parse(String(data)) as Message;
    if (method === 'NodeWorker.attachedToWorker' && params?.workerInfo !== undefined)
      threads.set(params.workerInfo.title, params.sessionId);
    if (method === 'NodeWorker.receivedMessageFromWorker') answered = true;
  });
  const post = (method: string, params: unknown): void => socket.send(JSON.stringify({ id: 1, method, params }));
  post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const sessionId = await until(`thread ${name}`, () =>
    threads.get([...threads.keys()].findLast((title) => title.endsWith(` ${name}`)) ?? ''),
  );
  post('NodeWorker.sendMessageToWorker', {
    sessionId,
    message: JSON.stringify({
      id: 1,
      method: 'Runtime.evaluate',
      params: { expression: `setTimeout(() => { ${code} }, 300); 0` },
    }),
  });
  await until('the thread took the code', () => answered);
  socket.close();
  await until('the inspector let go', () => closed);
}
