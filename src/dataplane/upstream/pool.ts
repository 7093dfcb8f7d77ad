import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import { Timer, type TimerOwner } from '../../base/time/timer-wheel.ts';
import type { LeaseFailure, LeaseWaiter } from '../exchange/upstream.ts';
import { type Connecting, type ConnectOwner, connectWire, type WireTarget } from '../wire/open.ts';
import type { Wire, WireOwner } from '../wire/wire.ts';
import { type ConnectionPool, Http1UpstreamConnection } from './http1/connection.ts';

/** Limits of one backend's pool, already divided by the number of workers. */
export interface PoolLimits {
  readonly maxIdle: number;
  /** Idle connections of all backends together. */
  readonly maxIdleInAll: number;
  /** Hard cap of connections; 0 = none. */
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly queueTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
}

/** Told by how much the numbers of connections in use, of idle ones and of requests in the queue changed, for the gauges. */
export interface PoolObserver {
  poolChanged(activeDelta: number, idleDelta: number): void;
  queueChanged(delta: number): void;
  /** Idle connections of all pools of this worker. */
  readonly idleInAll: number;
}

/**
 * Connections to one backend. The newest idle one is used first: it is the likeliest to live, and the oldest then reach their
 * idle timeout. At the cap, requests wait in order.
 */
export class Pool implements ConnectionPool {
  readonly wheel: TimerWheel;
  private target: WireTarget | null;
  private limits: PoolLimits;
  private readonly observer: PoolObserver;
  private readonly idle: Http1UpstreamConnection[] = [];
  private readonly queue: QueuedWaiter[] = [];
  private open = 0;
  private closed = false;

  /** @param addresses none when the backend's name has no address: every request fails at once */
  constructor(addresses: readonly WireTarget[], limits: PoolLimits, wheel: TimerWheel, observer: PoolObserver) {
    this.target = addresses[0] ?? null;
    this.limits = limits;
    this.wheel = wheel;
    this.observer = observer;
  }

  get idleTimeoutMs(): number {
    return this.limits.idleTimeoutMs;
  }

  get bodyIdleTimeoutMs(): number {
    return this.limits.bodyIdleTimeoutMs;
  }

  get connectTimeoutMs(): number {
    return this.limits.connectTimeoutMs;
  }

  /** Takes new addresses and limits; connections that carry requests go on. */
  update(addresses: readonly WireTarget[], limits: PoolLimits): void {
    const target = addresses[0] ?? null;
    const hasMoved = JSON.stringify(target) !== JSON.stringify(this.target);
    this.target = target;
    this.limits = limits;
    const most = hasMoved ? 0 : limits.maxIdle;
    while (this.idle.length > most) this.idle[0]?.close();
  }

  /** Connections open or being opened. */
  get size(): number {
    return this.open;
  }

  /** Requests that hold a connection, have one opened for them, or wait in the queue. */
  get inFlight(): number {
    return this.open - this.idle.length + this.queue.length;
  }

  /** Gives `waiter` a connection: an idle one now, a new one or one that comes back later. */
  acquire(waiter: LeaseWaiter): void {
    const connection = waiter.wantsFresh ? this.roomForFresh() : this.idle.pop();
    if (connection !== undefined) {
      this.changed(0, -1);
      waiter.leaseGranted(connection);
    } else if (this.limits.maxConnections > 0 && this.open >= this.limits.maxConnections) {
      this.enqueue(waiter);
    } else {
      this.connect(waiter);
    }
  }

  /** Closes idle connections; those in use close when their answer ends. */
  close(): void {
    this.closed = true;
    for (let last = this.idle.at(-1); last !== undefined; last = this.idle.at(-1)) last.close();
  }

  connectionIdle(connection: Http1UpstreamConnection): void {
    const next = this.nextInQueue();
    if (next !== undefined) {
      next.settle();
      next.waiter.leaseGranted(connection);
      return;
    }
    this.idle.push(connection);
    this.changed(0, 1);
    if (this.closed) this.close();
    else if (this.idle.length > this.limits.maxIdle || this.observer.idleInAll > this.limits.maxIdleInAll)
      this.idle[0]?.close();
  }

  connectionOver(connection: Http1UpstreamConnection): void {
    const index = this.idle.lastIndexOf(connection);
    if (index >= 0) {
      this.idle.splice(index, 1);
      this.changed(-1, -1);
    } else {
      this.changed(-1, 0);
    }
    this.serveQueue();
  }

  /** The oldest idle connection makes room where a new one would be one too many. */
  private roomForFresh(): undefined {
    if (this.limits.maxConnections > 0 && this.open >= this.limits.maxConnections) this.idle[0]?.close();
  }

  private serveQueue(): void {
    const next = this.nextInQueue();
    if (next === undefined) return;
    next.settle();
    this.connect(next.waiter);
  }

  private nextInQueue(): QueuedWaiter | undefined {
    const next = this.queue.shift();
    if (next !== undefined) this.observer.queueChanged(-1);
    return next;
  }

  private changed(open: number, idle: number): void {
    this.open += open;
    this.observer.poolChanged(open - idle, idle);
  }

  private enqueue(waiter: LeaseWaiter): void {
    const queued = new QueuedWaiter(waiter, this.wheel, this.limits.queueTimeoutMs, () => {
      const index = this.queue.indexOf(queued);
      if (index < 0) return;
      this.queue.splice(index, 1);
      this.observer.queueChanged(-1);
    });
    this.queue.push(queued);
    this.observer.queueChanged(1);
  }

  private connect(waiter: LeaseWaiter): void {
    if (this.target === null) {
      waiter.leaseFailed('backend_unresolved');
      return;
    }
    this.changed(1, 0);
    waiter.leaseOpening();
    new Opening(this, this.target, waiter, () => {
      this.changed(-1, 0);
      this.serveQueue();
    });
  }
}

/** A request that waits for a connection to come back. */
class QueuedWaiter implements TimerOwner {
  readonly waiter: LeaseWaiter;
  private readonly wheel: TimerWheel;
  private readonly timer: Timer = new Timer(this);
  private readonly leave: () => void;

  constructor(waiter: LeaseWaiter, wheel: TimerWheel, timeoutMs: number, leave: () => void) {
    this.waiter = waiter;
    this.wheel = wheel;
    this.leave = leave;
    wheel.arm(this.timer, timeoutMs, 0);
    waiter.leaseCancel = () => {
      this.settle();
      leave();
    };
  }

  /** The wait is over. */
  settle(): void {
    this.waiter.leaseCancel = null;
    this.wheel.remove(this.timer);
  }

  timerExpired(): void {
    this.settle();
    this.leave();
    this.waiter.leaseFailed('backend_pool_timeout');
  }
}

/** A connection being opened for one request. */
class Opening implements ConnectOwner, TimerOwner {
  private readonly pool: Pool;
  private readonly waiter: LeaseWaiter;
  private readonly timer: Timer = new Timer(this);
  private readonly connecting: Connecting;
  private readonly failed: () => void;

  constructor(pool: Pool, target: WireTarget, waiter: LeaseWaiter, failed: () => void) {
    this.pool = pool;
    this.waiter = waiter;
    this.failed = failed;
    waiter.leaseCancel = () => this.cancel();
    pool.wheel.arm(this.timer, pool.connectTimeoutMs, 0);
    this.connecting = connectWire(target, this);
  }

  wireOpened(open: (owner: WireOwner) => Wire): void {
    this.settle();
    this.waiter.leaseGranted(new Http1UpstreamConnection(open, this.pool));
  }

  wireRefused(code: string): void {
    this.settle();
    this.failed();
    this.waiter.leaseFailed(connectFailure(code));
  }

  timerExpired(): void {
    this.cancel();
    this.waiter.leaseFailed('backend_connect_timeout');
  }

  private cancel(): void {
    this.settle();
    this.connecting.cancel();
    this.failed();
  }

  private settle(): void {
    this.waiter.leaseCancel = null;
    this.pool.wheel.remove(this.timer);
  }
}

/** Why a connection could not be opened, by the system's code; what no row names could be either side's. */
const CONNECT_FAILURES: ReadonlyMap<string, LeaseFailure> = new Map([
  ['ECONNREFUSED', 'backend_connect_refused'],
  ['ENOENT', 'backend_socket_missing'],
  ['EHOSTUNREACH', 'backend_unreachable'],
  ['ENETUNREACH', 'backend_unreachable'],
  ['ETIMEDOUT', 'backend_connect_timeout'],
  ['EADDRNOTAVAIL', 'no_local_address'],
  ['EMFILE', 'no_file_descriptors'],
  ['ENFILE', 'no_file_descriptors'],
]);

function connectFailure(code: string): LeaseFailure {
  return CONNECT_FAILURES.get(code) ?? 'backend_connect_failed';
}
