import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** What a thread takes, at one moment. */
export interface ThreadSample {
  /** CPU time since the thread's start. */
  readonly cpuSeconds: number;
  /** Time since the thread's start in which its event loop was busy, and in which it waited. */
  readonly loopActiveMs: number;
  readonly loopIdleMs: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly heapPhysicalBytes: number;
  readonly heapLimitBytes: number;
  /** Memory outside of the heap that objects on it hold. */
  readonly externalBytes: number;
}

/** A thread that can be sampled from main, without waiting for its event loop. */
export interface SampledThread {
  readonly ordinal: number;
  /** Rejects when the thread ends meanwhile. */
  sample(): Promise<ThreadSample>;
}

/** The last sample of a thread. */
export interface SampledValues {
  /** `main` or `worker-0`. */
  readonly thread: string;
  readonly sample: ThreadSample;
  /** Share of the time between the last two samples in which the event loop was busy. */
  readonly utilization: number;
}

const MAIN = 'main';
/** A thread that spins does not answer; its last sample holds. */
const ANSWER_MS = 1_000;

/** Keeps the last sample of every thread. */
export class ThreadSamples {
  private readonly threads: () => readonly SampledThread[];
  private last: ReadonlyMap<string, SampledValues> = new Map();

  /** @param threads workers that run now */
  constructor(threads: () => readonly SampledThread[]) {
    this.threads = threads;
  }

  /** Main first. */
  get values(): readonly SampledValues[] {
    return [...this.last.values()];
  }

  /** Samples all threads; never rejects. */
  async refresh(): Promise<void> {
    const found = this.threads().toSorted((a, b) => a.ordinal - b.ordinal);
    const answers = found.map(async (thread) => [`worker-${thread.ordinal}`, await answerOf(thread)] as const);
    const samples = [[MAIN, sampleMain()] as const, ...(await Promise.all(answers))];
    const next = new Map<string, SampledValues>();
    for (const [thread, sample] of samples) {
      const before = this.last.get(thread);
      if (sample !== null) next.set(thread, { thread, sample, utilization: utilizationOf(sample, before?.sample) });
      else if (before !== undefined) next.set(thread, before);
    }
    this.last = next;
  }
}

async function answerOf(thread: SampledThread): Promise<ThreadSample | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), ANSWER_MS);
  const sample = await Promise.race([thread.sample().catch(() => null), promise]);
  clearTimeout(timer);
  return sample;
}

/** A replaced worker begins anew: less time than before is its whole life so far. */
function utilizationOf(now: ThreadSample, before: ThreadSample | undefined): number {
  const base = before !== undefined && before.loopActiveMs <= now.loopActiveMs ? before : null;
  const active = now.loopActiveMs - (base?.loopActiveMs ?? 0);
  const idle = now.loopIdleMs - (base?.loopIdleMs ?? 0);
  return active + idle > 0 ? active / (active + idle) : 0;
}

function sampleMain(): ThreadSample {
  return threadSample(process.threadCpuUsage(), performance.eventLoopUtilization(), getHeapStatistics());
}

/** What V8 tells about a heap; the same of a worker and of main. */
interface HeapFigures {
  readonly used_heap_size: number;
  readonly total_heap_size: number;
  readonly total_physical_size: number;
  readonly heap_size_limit: number;
  readonly external_memory: number;
}

/** Makes a sample of what Node tells about a thread. */
export function threadSample(
  cpu: NodeJS.CpuUsage,
  loop: { readonly active: number; readonly idle: number },
  heap: HeapFigures,
): ThreadSample {
  return {
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    loopActiveMs: loop.active,
    loopIdleMs: loop.idle,
    heapUsedBytes: heap.used_heap_size,
    heapTotalBytes: heap.total_heap_size,
    heapPhysicalBytes: heap.total_physical_size,
    heapLimitBytes: heap.heap_size_limit,
    externalBytes: heap.external_memory,
  };
}
