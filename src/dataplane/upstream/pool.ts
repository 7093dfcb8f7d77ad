import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import type { LeaseWaiter } from '../exchange/upstream.ts';
import type { WireTarget } from '../wire/open.ts';
import type { Wire, WireOwner } from '../wire/wire.ts';
import { Addresses } from './addresses.ts';
import type { Dialer } from './dialer.ts';
import { type ConnectionPool, Http1UpstreamConnection } from './http1/connection.ts';
import { type AddressSink, type ClientHeaders, Opening, type OpeningPool } from './opening.ts';
import { QueuedWaiter } from './queued-waiter.ts';

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

/** What the connections of a backend are made of. */
export interface PoolBackend {
  readonly addresses: readonly WireTarget[];
  readonly dialer: Dialer;
  /** Null when connections are nobody's in particular, and are shared. */
  readonly clientHeaders: ClientHeaders | null;
  /** Told of addresses that no connection could be made to. */
  readonly addressFailed: AddressSink;
  /** Where the turns of the addresses begin. */
  readonly firstTurn: number;
}

/**
 * Connections to one backend. The newest idle one is used first: it is the likeliest to live, and the oldest then reach their
 * idle timeout. At the cap, requests wait in order.
 */
export class Pool implements ConnectionPool, OpeningPool {
  readonly wheel: TimerWheel;
  readonly addresses: Addresses;
  readonly dialer: Dialer;
  readonly clientHeaders: ClientHeaders | null;
  private readonly backend: PoolBackend;
  private readonly observer: PoolObserver;
  private readonly idle: Http1UpstreamConnection[] = [];
  private readonly queue: QueuedWaiter[] = [];
  private limits: PoolLimits;
  private open = 0;
  /** Counts the changes of the addresses: a connection that was made under an older one may have to close. */
  private epoch = 0;
  private closed = false;

  /** Without addresses, every request fails at once: the backend's name has none. */
  constructor(backend: PoolBackend, limits: PoolLimits, wheel: TimerWheel, observer: PoolObserver) {
    this.backend = backend;
    this.dialer = backend.dialer;
    this.clientHeaders = backend.clientHeaders;
    this.addresses = new Addresses(backend.addresses, backend.firstTurn);
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

  /** Connections open or being opened. */
  get size(): number {
    return this.open;
  }

  /** Whether a connection could be made at all: the backend's name has an address. */
  get hasAddress(): boolean {
    return !this.addresses.isEmpty;
  }

  /** Requests that hold a connection, have one opened for them, or wait in the queue. */
  get inFlight(): number {
    return this.open - this.idle.length + this.queue.length;
  }

  /** Gives `waiter` a connection: an idle one now, a new one or one that comes back later. */
  acquire(waiter: LeaseWaiter): void {
    const connection = waiter.wantsFresh ? this.roomForFresh() : this.takeIdle(waiter);
    if (connection !== undefined) {
      this.changed(0, -1);
      waiter.leaseGranted(connection);
    } else if (this.isFull()) {
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

  /**
   * Takes over other addresses and limits. Requests that run keep their connections; connections to addresses that are gone
   * close when they are idle, and what waits in the queue profits from a higher cap at once.
   */
  update(addresses: readonly WireTarget[], limits: PoolLimits): void {
    this.closed = false;
    this.limits = limits;
    if (this.addresses.replace(addresses)) {
      this.epoch++;
      for (const connection of this.idle.slice()) if (!this.isCurrent(connection)) connection.close();
    }
    while (this.idle.length > limits.maxIdle) this.idle[0]?.close();
    this.serveQueue(Infinity);
  }

  opened(opening: Opening, open: (owner: WireOwner) => Wire): void {
    opening.waiter.leaseGranted(new Http1UpstreamConnection(open, this, opening));
  }

  abandoned(): void {
    this.changed(-1, 0);
    this.serveQueue(1);
  }

  get addressFailed(): AddressSink {
    return this.backend.addressFailed;
  }

  connectionIdle(connection: Http1UpstreamConnection): void {
    if (connection.epoch !== this.epoch && !this.isCurrent(connection)) {
      connection.close();
      return;
    }
    if (this.queue.length > 0 && !this.fitsNext(connection)) {
      connection.close();
      return;
    }
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
    this.serveQueue(1);
  }

  /** The oldest idle connection makes room where a new one would be one too many. */
  private roomForFresh(): undefined {
    if (this.isFull()) this.idle[0]?.close();
  }

  private takeIdle(waiter: LeaseWaiter): Http1UpstreamConnection | undefined {
    if (this.clientHeaders === null || this.idle.length === 0) return this.idle.pop();
    const client = this.clientHeaders.clientOf(waiter);
    const index = this.idle.findLastIndex((connection) => connection.client === client);
    return index < 0 ? this.roomForFresh() : this.idle.splice(index, 1)[0];
  }

  /** Whether who waits first may have the connection: a cap that was lowered or a client of its own stand against it. */
  private fitsNext({ client }: Http1UpstreamConnection): boolean {
    const { maxConnections } = this.limits;
    if (maxConnections > 0 && this.open > maxConnections) return false;
    return (
      this.clientHeaders === null || this.clientHeaders.clientOf((this.queue[0] as QueuedWaiter).waiter) === client
    );
  }

  private isFull(): boolean {
    const { maxConnections } = this.limits;
    return maxConnections > 0 && this.open >= maxConnections;
  }

  /** Whether the backend still has the address of the connection. */
  private isCurrent(connection: Http1UpstreamConnection): boolean {
    connection.epoch = this.epoch;
    return this.addresses.has(connection.address);
  }

  /** Opens connections for those that wait; who gets none because there is no address does not take a place. */
  private serveQueue(most: number): void {
    let served = 0;
    while (served < most && !this.isFull()) {
      const next = this.nextInQueue();
      if (next === undefined) return;
      next.settle();
      if (this.connect(next.waiter)) served++;
    }
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

  /** @returns false when the backend has no address */
  private connect(waiter: LeaseWaiter): boolean {
    const candidates = this.addresses.order(this.wheel.nowMs);
    if (candidates.length === 0) {
      waiter.leaseFailed('backend_unresolved');
      return false;
    }
    this.changed(1, 0);
    waiter.leaseOpening();
    new Opening(this, candidates, waiter);
    return true;
  }
}
