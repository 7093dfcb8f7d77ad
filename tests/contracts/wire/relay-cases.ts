import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';

import { bufferedBytes } from '../../../src/dataplane/wire/buffered-bytes.ts';
import type { Wire, WireOwner } from '../../../src/dataplane/wire/wire.ts';
import { ByteStream, ByteSum } from '../../support/byte-stream.ts';
import { RecordingOwner } from '../../support/recording-owner.ts';
import { until } from '../../support/until.ts';
import { openWirePair } from '../../support/wire-pair.ts';
import type { WireCase } from './wire-cases.ts';

const RELAYS = 4;
const RELAY_BYTES = 50 * 1_048_576;
/** What one relay may hold in this process, whatever the speed of its reader: the reads that a blocked write points into. */
const HELD_PER_RELAY_BYTES = 262_144;

/** Feeds what arrives on one wire into another, as the proxy does with a large body. */
class Relay implements WireOwner {
  /** Runs after each piece was written. */
  onForwarded: ((bytes: Buffer) => void) | null = null;
  to: Wire | null = null;
  ended = false;

  wireData(bytes: Buffer, start: number, end: number): void {
    this.to?.writeBytes(bytes, start, end);
    this.to?.flush();
    this.onForwarded?.(bytes.subarray(start, end));
  }

  wireEnd(): void {
    this.ended = true;
    this.to?.end();
  }

  wireBlocked(): void {
    return;
  }

  wireDrained(): void {
    return;
  }

  wireClosed(): void {
    return;
  }

  wireDefect(): void {
    return;
  }
}

/** Slows the source down when its taker is slow. */
class Brake extends RecordingOwner {
  source: Wire | null = null;

  override wireBlocked(): void {
    super.wireBlocked();
    this.source?.pause();
  }

  override wireDrained(): void {
    super.wireDrained();
    this.source?.resume();
  }
}

function feed(peer: Socket, stream: ByteStream): void {
  const more = (): void => {
    for (;;) {
      const piece = stream.next(100_000);
      if (piece === null) {
        peer.end();
        return;
      }
      if (!peer.write(piece)) {
        peer.once('drain', more);
        return;
      }
    }
  };
  more();
}

/** Reads with a stop after every few pieces, so that the wire in front of it is blocked most of the time. */
function readSlowly(peer: Socket, sum: ByteSum, piecesPerTurn: number): void {
  let pieces = 0;
  peer.on('data', (piece: Buffer) => {
    sum.add(piece);
    if (++pieces % piecesPerTurn !== 0) return;
    peer.pause();
    setTimeout(() => peer.resume(), 4);
  });
}

async function relay(t: TestContext, bulk: boolean, piecesPerTurn: number): Promise<{ blocked: number }> {
  const relayed = new Relay();
  const brake = new Brake();
  const source = await openWirePair(t, relayed);
  const target = await openWirePair(t, brake);
  relayed.to = target.wire;
  brake.source = source.wire;
  source.wire.expectBulk(bulk);
  const stream = new ByteStream(RELAY_BYTES);
  const sum = new ByteSum();
  let ended = false;
  target.peer.on('end', () => (ended = true));
  readSlowly(target.peer, sum, piecesPerTurn);
  feed(source.peer, stream);
  await until('the last byte', () => ended, 25_000);
  assert.equal(sum.length, RELAY_BYTES);
  assert.equal(sum.checksum(), stream.checksum());
  source.wire.destroy();
  target.wire.destroy();
  return { blocked: brake.count('blocked') };
}

/** Rules for bytes that go from wire to wire. */
export const RELAY_CASES: Readonly<Record<string, WireCase>> = {
  'relays 200 MiB through slow readers intact, holding little memory, and gives all of it back': async (t) => {
    const before = bufferedBytes();
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, bufferedBytes() - before)), 1);
    // Different rhythms, and one relay without buffers of its own beside the others: they share the spare buffers.
    const rhythms = Array.from({ length: RELAYS }, (_, i) => relay(t, i !== 3, 2 + i));
    const results = await Promise.all(rhythms).finally(() => clearInterval(watch));
    assert.ok(
      results.every(({ blocked }) => blocked > 10),
      'the readers were not slow enough to prove anything',
    );
    assert.ok(most <= RELAYS * HELD_PER_RELAY_BYTES, `${most} bytes held`);
    await until('memory given back', () => bufferedBytes() === before);
  },

  'gives bulk memory back when the reader goes away in the middle': async (t) => {
    const before = bufferedBytes();
    const relayed = new Relay();
    const brake = new Brake();
    const source = await openWirePair(t, relayed);
    const target = await openWirePair(t, brake);
    relayed.to = target.wire;
    brake.source = source.wire;
    source.wire.expectBulk(true);
    target.peer.pause();
    feed(source.peer, new ByteStream(RELAY_BYTES));
    await until('blocked', () => brake.count('blocked') > 0);
    target.peer.resetAndDestroy();
    await until('closed', () => target.wire.closed);
    source.wire.destroy();
    await until('memory given back', () => bufferedBytes() === before);
  },

  'does not read into memory that still waits to be sent elsewhere': async (t) => {
    const relayed = new Relay();
    const slow = new Brake();
    const source = await openWirePair(t, relayed);
    const first = await openWirePair(t, slow);
    const second = await openWirePair(t, new RecordingOwner());
    relayed.to = first.wire;
    source.wire.expectBulk(true);
    first.peer.pause();
    const kept = new ByteSum();
    const sent = new ByteStream(RELAY_BYTES);
    let isBlocked = false;
    // The source is not slowed down: from the first write that waits on, what it brings goes to another reader.
    relayed.onForwarded = (bytes) => {
      if (!isBlocked) kept.add(bytes);
      isBlocked ||= slow.count('blocked') > 0;
      if (isBlocked) relayed.to = second.wire;
    };
    second.peer.resume();
    feed(source.peer, sent);
    await until('the last byte', () => relayed.ended, 20_000);
    const sum = new ByteSum();
    first.peer.on('data', (piece: Buffer) => sum.add(piece));
    first.peer.resume();
    await until('what waited', () => sum.length >= kept.length);
    assert.ok(isBlocked);
    assert.equal(sum.length, kept.length);
    assert.equal(sum.checksum(), kept.checksum());
  },

  'does not mix the bytes of wires that read in turn': async (t) => {
    const pairs = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const relayed = new Relay();
        const source = await openWirePair(t, relayed);
        const target = await openWirePair(t, new RecordingOwner());
        relayed.to = target.wire;
        source.wire.expectBulk(true);
        const sum = new ByteSum();
        target.peer.on('data', (piece: Buffer) => sum.add(piece));
        const stream = new ByteStream(1_000_000);
        feed(source.peer, stream);
        return { stream, sum };
      }),
    );
    await until('all bytes', () => pairs.every(({ sum }) => sum.length === 1_000_000));
    for (const { stream, sum } of pairs) assert.equal(sum.checksum(), stream.checksum());
  },
};
