import { Worker } from 'node:worker_threads';
import { type ThreadSample, threadSample } from '../operations/thread-samples.ts';
import type { FromWorker, ListeningSocket, ToWorker, WorkerBirth } from '../../dataplane/worker/messages.ts';

/** Told about one worker thread. */
export interface ThreadOwner {
  threadMessage(thread: WorkerThread, message: FromWorker): void;
  /** The thread is gone. Exactly once. */
  threadExited(thread: WorkerThread, code: number): void;
  /** The thread died of an error that it could not handle itself, such as a full heap; the exit follows. */
  threadFailed(thread: WorkerThread, error: Error): void;
}

/** Life of a worker thread as main sees it. */
export type ThreadPhase = 'starting' | 'listening' | 'draining' | 'stopping';

/** Exchanges die young: a small nursery stays in the cache and keeps the memory of a loaded worker low (docs/adr/0004). */
const YOUNG_GENERATION_MIB = 4;

const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../../dataplane/worker/entry.ts' : '../../dataplane/worker/entry.js',
  import.meta.url,
);

/** One worker thread: spawns it, passes messages, ends it. */
export class WorkerThread {
  readonly ordinal: number;
  readonly row: number;
  phase: ThreadPhase = 'starting';
  /** What it accepts from; empty before it listens and from the start of its drain. */
  sockets: readonly ListeningSocket[] = [];
  private readonly worker: Worker;

  constructor(birth: WorkerBirth, heapMib: number, owner: ThreadOwner) {
    this.ordinal = birth.ordinal;
    this.row = birth.row;
    this.worker = new Worker(ENTRY, {
      name: `data-${birth.ordinal}`,
      workerData: birth,
      resourceLimits: { maxOldGenerationSizeMb: heapMib, maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
      stdout: false,
      stderr: false,
    });
    this.worker.on('message', (message: FromWorker) => owner.threadMessage(this, message));
    this.worker.on('error', (error: Error) => owner.threadFailed(this, error));
    this.worker.on('exit', (code) => owner.threadExited(this, code));
  }

  /** Number of the thread in this process, as the inspector names it. */
  get threadId(): number {
    return this.worker.threadId;
  }

  /** What the thread takes; asked of Node and not of the thread, which may be busy. Rejects when it ends meanwhile. */
  async sample(): Promise<ThreadSample> {
    const [cpu, heap] = await Promise.all([this.worker.cpuUsage(), this.worker.getHeapStatistics()]);
    return threadSample(cpu, this.worker.performance.eventLoopUtilization(), heap);
  }

  /** Sends a message. */
  send(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  /** Asks the thread to end; resolves when it has, false when it has not within `waitMs`. */
  async stop(waitMs: number): Promise<boolean> {
    this.phase = 'stopping';
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), waitMs);
    this.worker.once('exit', () => resolve(true));
    this.send({ type: 'stop' });
    const gone = await promise;
    clearTimeout(timer);
    return gone;
  }

  /** Ends the thread at once; resolves when it is gone, false when it is not within `waitMs` (a native call). */
  async terminate(waitMs: number): Promise<boolean> {
    this.phase = 'stopping';
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), waitMs);
    void this.worker.terminate().then(() => resolve(true));
    const gone = await promise;
    clearTimeout(timer);
    return gone;
  }
}
