import { Session } from 'node:inspector';

/** One frame of a stack, innermost first. */
export interface StackFrame {
  readonly functionName: string;
  readonly url: string;
  /** 1-based. */
  readonly line: number;
}

const WAIT_MS = 1_500;

/** What the inspector says of a paused thread. */
interface PausedFrame {
  readonly functionName: string;
  readonly url: string;
  readonly location: { readonly lineNumber: number };
}

/**
 * Stack of a worker thread that does not come back to its event loop, taken from outside through the inspector. Empty when the
 * thread is inside a native call, which cannot be interrupted, or does not answer in time. The debugger is always taken off
 * again: `terminate` hangs on a thread that is still being debugged.
 */
export async function captureStack(threadId: number): Promise<readonly StackFrame[]> {
  const session = new Session();
  session.connect();
  const { promise, resolve } = Promise.withResolvers<readonly StackFrame[]>();
  const timer = setTimeout(() => resolve([]), WAIT_MS);
  const conversation = new Conversation(session, threadId, resolve);
  const frames = await promise;
  clearTimeout(timer);
  await conversation.end();
  session.disconnect();
  return frames;
}

/** The exchange of messages with one thread's debugger. */
class Conversation {
  private readonly session: Session;
  private readonly resolve: (frames: readonly StackFrame[]) => void;
  private target = '';
  private lastId = 0;

  constructor(session: Session, threadId: number, resolve: (frames: readonly StackFrame[]) => void) {
    this.session = session;
    this.resolve = resolve;
    session.on('NodeWorker.attachedToWorker', ({ params }) => {
      // `workerId` counts attachments of this session; only the title names the thread.
      if (!params.workerInfo.title.startsWith(`[worker ${threadId}]`)) return;
      this.target = params.sessionId;
      this.say('Debugger.enable');
      this.say('Debugger.pause');
    });
    session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      if (params.sessionId === this.target) this.hear(params.message);
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  }

  /** Lets the thread run and takes the debugger off. */
  end(): Promise<void> {
    if (this.target !== '') {
      this.say('Debugger.resume');
      this.say('Debugger.disable');
    }
    return new Promise((resolve) => this.session.post('NodeWorker.disable', () => resolve()));
  }

  private say(method: string): void {
    const message = JSON.stringify({ id: ++this.lastId, method });
    this.session.post('NodeWorker.sendMessageToWorker', { sessionId: this.target, message });
  }

  private hear(text: string): void {
    const message = JSON.parse(text) as { method?: string; params?: { callFrames?: PausedFrame[] } };
    if (message.method !== 'Debugger.paused') return;
    this.resolve(
      (message.params?.callFrames ?? []).map((frame) => ({
        functionName: frame.functionName === '' ? '(anonymous)' : frame.functionName,
        url: frame.url,
        line: frame.location.lineNumber + 1,
      })),
    );
  }
}
