import type { WireTarget } from '../wire/open.ts';

/** How long an address that refused or did not answer goes behind the others of its backend. */
const BAD_MS = 10_000;

/** One address of a backend, as one worker knows it. */
export class Address {
  readonly target: WireTarget;
  /** Two addresses with the same key are the same place. */
  readonly key: string;
  /** It goes behind the others until then, ms of the worker's clock. */
  badUntilMs = 0;

  constructor(target: WireTarget) {
    this.target = target;
    this.key = keyOf(target);
  }
}

/**
 * The addresses of one backend. New connections take turns; an address that failed lately comes after all that did not, so that
 * it costs nobody time while another one works, and is still asked when no other one does.
 */
export class Addresses {
  private list: readonly Address[] = [];
  private turn = 0;

  /** @param firstTurn where the turns begin, so that the workers do not all begin at the same address */
  constructor(targets: readonly WireTarget[], firstTurn: number) {
    this.turn = firstTurn;
    this.replace(targets);
  }

  /**
   * Takes over new addresses; those that stay keep what is known of them.
   *
   * @returns false when they are the ones that were there, which costs a reload of many backends next to nothing
   */
  replace(targets: readonly WireTarget[]): boolean {
    const { list } = this;
    if (targets.length === list.length && targets.every((target, i) => list[i]?.key === keyOf(target))) return false;
    const known = new Map(this.list.map((address) => [address.key, address]));
    const unique = new Map(targets.map((target) => [keyOf(target), target]));
    this.list = [...unique].map(([key, target]) => known.get(key) ?? new Address(target));
    return true;
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.list.length === 0;
  }

  /** Whether it is still one of the addresses. */
  has(address: Address): boolean {
    return this.list.includes(address);
  }

  /** All addresses in the order in which a connection tries them; empty when there is none. */
  order(nowMs: number): readonly Address[] {
    const { list } = this;
    if (list.length < 2) return list;
    const start = this.turn++ % list.length;
    const turned = [...list.slice(start), ...list.slice(0, start)];
    const good = turned.filter(({ badUntilMs }) => badUntilMs <= nowMs);
    if (good.length === turned.length) return turned;
    return [...good, ...turned.filter(({ badUntilMs }) => badUntilMs > nowMs)];
  }

  /** No connection could be made there. */
  failed(address: Address, nowMs: number): void {
    address.badUntilMs = nowMs + BAD_MS;
  }

  /** A connection was made there. */
  worked(address: Address): void {
    address.badUntilMs = 0;
  }
}

function keyOf(target: WireTarget): string {
  return 'path' in target ? target.path : `${target.host} ${target.port}`;
}
