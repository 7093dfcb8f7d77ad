import { createServer, type Server, type Socket } from 'node:net';
import { stagingPath, UnixSockets } from '../sockets/unix-sockets.ts';
import { type ControlAnswer, LINE_LIMIT_BYTES, parseQuestion } from './control-message.ts';

/** Does what one verb asks for. It must not reject: a failure is an answer. */
export type ControlVerb = (tell: (progress: string) => void) => Promise<ControlAnswer>;

/** What an instance can be asked, by verb. */
export type ControlVerbs = Readonly<Record<string, ControlVerb>>;

/** Only the user that the program runs as, and root, may ask it. */
const MODE = 0o600;
const MAX_CONNECTIONS = 16;
/** A question that is not there by then is not coming. */
const QUESTION_MS = 5_000;

/**
 * A unix socket on which commands ask the running program: one line of JSON in, lines of progress out, one answer, closed. A
 * client that leaves does not stop what it asked for.
 */
export class ControlSocket {
  private readonly path: string;
  private readonly verbs: ControlVerbs;
  private readonly server: Server;
  private readonly paths: UnixSockets = new UnixSockets();

  constructor(path: string, verbs: ControlVerbs) {
    this.path = path;
    this.verbs = verbs;
    this.server = createServer({ allowHalfOpen: true }, (socket) => this.accept(socket));
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  /** Opens the socket; one that another process left at the path, or still holds there, is replaced. Rejects with a system error. */
  async open(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.server.once('error', reject);
    this.server.listen({ path: stagingPath(this.path) }, resolve);
    await promise;
    this.server.off('error', reject);
    this.server.on('error', () => undefined);
    this.paths.publish({ kind: 'unix', path: this.path, mode: MODE });
    // It alone must not keep a process alive that is done.
    this.server.unref();
  }

  /** Takes no more questions and removes the path, unless a successor has put its own there. Answers under way still go out. */
  close(): void {
    this.server.close();
    this.paths.removeAll();
  }

  private accept(socket: Socket): void {
    let text = '';
    const timer = setTimeout(() => socket.destroy(), QUESTION_MS);
    socket.on('error', () => undefined);
    socket.on('close', () => clearTimeout(timer));
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const end = text.indexOf('\n');
      if (end === -1 && text.length <= LINE_LIMIT_BYTES) return;
      clearTimeout(timer);
      socket.removeAllListeners('data').resume();
      if (end === -1) socket.destroy();
      else void this.answer(socket, text.slice(0, end));
    });
  }

  private async answer(socket: Socket, line: string): Promise<void> {
    const question = parseQuestion(line);
    if (typeof question === 'string') return send(socket, { ok: false, message: question });
    if (!Object.hasOwn(this.verbs, question.verb)) {
      const known = Object.keys(this.verbs).join(', ');
      return send(socket, { ok: false, message: `this instance does not know ${question.verb}; it knows ${known}` });
    }
    const verb = this.verbs[question.verb] as ControlVerb;
    const answer = await verb((progress) => void socket.write(`${JSON.stringify({ progress })}\n`)).catch(
      (error: unknown): ControlAnswer => ({ ok: false, message: `internal defect: ${String(error)}` }),
    );
    send(socket, answer);
  }
}

function send(socket: Socket, answer: ControlAnswer): void {
  socket.end(`${JSON.stringify(answer)}\n`);
}
