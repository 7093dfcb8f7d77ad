import { Timer, type TimerOwner, type TimerWheel } from '../../base/time/timer-wheel.ts';
import type { LeaseFailure, LeaseWaiter } from '../exchange/upstream.ts';
import type { ConnectFailure, Connecting, ConnectOwner, WireTarget } from '../wire/open.ts';
import type { Wire, WireOwner } from '../wire/wire.ts';
import type { Address, Addresses } from './addresses.ts';
import { isOwnFailure, leaseFailureOf } from './connect-failures.ts';
import type { Dialer } from './dialer.ts';

/**
 * Longest wait for an address as long as another one is left: TCP sends its first segment again after so long, and who has not
 * answered by then is not worth it.
 */
const NEXT_ADDRESS_MS = 1_000;

/** A connection to one address could not be made. */
export interface AddressFailure {
  readonly target: WireTarget;
  readonly code: LeaseFailure;
  /** For people. */
  readonly text: string;
  /** No other address is tried: the request fails with it. */
  readonly isLast: boolean;
}

/** Told of addresses that no connection could be made to. */
export type AddressSink = (failure: AddressFailure) => void;

/** What a connection being opened needs of its pool. */
export interface OpeningPool {
  readonly wheel: TimerWheel;
  readonly addresses: Addresses;
  readonly dialer: Dialer;
  readonly connectTimeoutMs: number;
  /** Null when connections are nobody's in particular, and are shared. */
  readonly clientHeaders: ClientHeaders | null;
  /** A connection is there, for the waiter that it was opened for. */
  opened(opening: Opening, open: (owner: WireOwner) => Wire): void;
  /** None could be made, or nobody wants it any more. */
  abandoned(): void;
  readonly addressFailed: AddressSink;
}

/** Connections that belong to one client each, because they begin with its address. */
export interface ClientHeaders {
  /** Tells clients apart; never empty. */
  clientOf(waiter: LeaseWaiter): string;
  /** What a connection for this waiter begins with. */
  headerOf(waiter: LeaseWaiter): Buffer;
}

/**
 * A connection being opened for one request: to one address of the backend after the other, until one accepts or the connect
 * timeout is over. No request is sent twice by this, since none was sent.
 */
export class Opening implements ConnectOwner, TimerOwner {
  readonly waiter: LeaseWaiter;
  /** Whose connection it is; empty where connections are shared. */
  readonly client: string;
  private readonly pool: OpeningPool;
  private readonly preface: Buffer | null;
  private readonly timer: Timer = new Timer(this);
  private readonly candidates: readonly Address[];
  private readonly deadlineMs: number;
  private tried = 0;
  private connecting: Connecting;

  /** @param candidates addresses in the order in which they are tried, at least one */
  constructor(pool: OpeningPool, candidates: readonly Address[], waiter: LeaseWaiter) {
    this.pool = pool;
    this.candidates = candidates;
    this.waiter = waiter;
    const { clientHeaders } = pool;
    this.client = clientHeaders === null ? '' : clientHeaders.clientOf(waiter);
    this.preface = clientHeaders === null ? null : clientHeaders.headerOf(waiter);
    this.deadlineMs = pool.connectTimeoutMs === 0 ? Infinity : pool.wheel.nowMs + pool.connectTimeoutMs;
    waiter.leaseCancel = () => this.cancel();
    this.connecting = this.connect();
  }

  /** The address that is being connected to. */
  get address(): Address {
    return this.candidates[this.tried] as Address;
  }

  wireOpened(open: (owner: WireOwner) => Wire): void {
    this.settle();
    this.pool.addresses.worked(this.address);
    this.pool.opened(this, open);
  }

  wireRefused(failure: ConnectFailure): void {
    this.next(failure);
  }

  timerExpired(): void {
    this.connecting.cancel();
    this.next(null);
  }

  /** @param failure null = the time was over */
  private next(failure: ConnectFailure | null): void {
    const { pool, address, candidates } = this;
    const code = leaseFailureOf(failure);
    const isOwn = isOwnFailure(code);
    const isLast = isOwn || this.tried + 1 >= candidates.length || pool.wheel.nowMs >= this.deadlineMs;
    if (!isOwn) pool.addresses.failed(address, pool.wheel.nowMs);
    pool.addressFailed({ target: address.target, code, text: failure === null ? 'ETIMEDOUT' : failure.text, isLast });
    if (!isLast) {
      this.tried++;
      this.connecting = this.connect();
      return;
    }
    this.settle();
    pool.abandoned();
    this.waiter.leaseFailed(code);
  }

  private connect(): Connecting {
    const { pool } = this;
    const leftMs = Math.max(1, this.deadlineMs - pool.wheel.nowMs);
    const others = this.candidates.length - this.tried - 1;
    if (others > 0) pool.wheel.arm(this.timer, Math.min(NEXT_ADDRESS_MS, leftMs / (others + 1)), 0);
    else pool.wheel.arm(this.timer, leftMs === Infinity ? 0 : leftMs, 0);
    return pool.dialer.connect(this.address.target, this.preface, this);
  }

  private cancel(): void {
    this.settle();
    this.connecting.cancel();
    this.pool.abandoned();
  }

  private settle(): void {
    this.waiter.leaseCancel = null;
    this.pool.wheel.remove(this.timer);
  }
}
