import { Timer, type TimerOwner, TICK_MS, type TimerWheel } from '../../../base/time/timer-wheel.ts';
import { HELD, type HeldCell, type HeldValues } from '../../../shared-memory/held.ts';
import type { StreamKind } from '../../../telemetry/metrics/families.ts';
import type { StreamMetrics } from '../../../telemetry/metrics/stream-metrics.ts';
import type { OpenStream } from '../../exchange/open-stream.ts';

/** Last part of a drain in which no stream is told to go any more: those told last need it for their farewell. */
const RESERVE_MS = 5_000;
/** How long before the end of a drain everything is cut, so that it is logged and counted. */
const CUT_MS = 500;

const CELLS: Readonly<Record<StreamKind, HeldCell>> = {
  websocket: HELD.webSockets,
  other: HELD.otherTunnels,
  event_stream: HELD.eventStreams,
};

/** What open streams share. */
export interface StreamContext {
  readonly wheel: TimerWheel;
  readonly held: Pick<HeldValues, 'add'>;
  readonly metrics: StreamMetrics;
}

/**
 * All tunnels and event streams of a worker. A drain takes leave of them in random order, spread evenly over its time: clients
 * that come back all at once would be the next outage.
 */
export class OpenStreams implements TimerOwner {
  readonly wheel: TimerWheel;
  readonly metrics: StreamMetrics;
  private readonly held: Pick<HeldValues, 'add'>;
  private readonly all: Set<OpenStream> = new Set();
  private readonly timer: Timer = new Timer(this);
  /** Streams that were not told to go yet; null while the worker does not drain. */
  private waiting: OpenStream[] | null = null;
  private lastGoneMs = 0;
  private cutMs = 0;

  constructor({ wheel, held, metrics }: StreamContext) {
    this.wheel = wheel;
    this.held = held;
    this.metrics = metrics;
  }

  /** A stream begins. */
  opened(stream: OpenStream, kind: StreamKind): void {
    this.all.add(stream);
    this.held.add(CELLS[kind], 1);
    this.metrics.opened(kind);
    // It was asked for on a connection that had not heard of the drain yet.
    this.waiting?.push(stream);
  }

  /** A stream is over. */
  closed(stream: OpenStream, kind: StreamKind): void {
    this.all.delete(stream);
    this.held.add(CELLS[kind], -1);
  }

  /** Tells all streams to go, the last of them some time before `forMs` have passed; what is left then is cut. */
  drain(forMs: number): void {
    this.waiting = shuffled([...this.all]);
    this.lastGoneMs = this.wheel.nowMs + forMs - Math.min(RESERVE_MS, forMs / 2);
    this.cutMs = this.wheel.nowMs + forMs - Math.min(CUT_MS, forMs / 4);
    this.wheel.arm(this.timer, TICK_MS, 0);
  }

  /** Ends all streams now. */
  cut(): void {
    this.wheel.remove(this.timer);
    for (const stream of this.all) stream.cut();
  }

  timerExpired(): void {
    if (this.wheel.nowMs >= this.cutMs) {
      this.cut();
      return;
    }
    this.wheel.arm(this.timer, TICK_MS, 0);
    const waiting = this.waiting as OpenStream[];
    const ticksLeft = Math.max(1, (this.lastGoneMs - this.wheel.nowMs) / (2 * TICK_MS));
    // Rounded at random: one stream that is left would always go in the first tick, in every worker and every program.
    const count = Math.floor(waiting.length / ticksLeft + Math.random());
    for (const stream of waiting.splice(0, count)) if (this.all.has(stream)) stream.goAway();
  }
}

/** In random order (Fisher and Yates). */
function shuffled<T>(list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}
