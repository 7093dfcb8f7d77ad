import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { bufferedBytes } from '../../../src/dataplane/wire/buffered-bytes.ts';
import { fenced } from '../../../src/dataplane/wire/fence.ts';
import { RecordingOwner } from '../../support/recording-owner.ts';
import { until } from '../../support/until.ts';
import { openWirePair } from '../../support/wire-pair.ts';

/** One rule of the wire contract, run against every implementation. */
export type WireCase = (context: TestContext) => Promise<void>;

const MANY_BYTES = 16_777_216;
/** Larger than what is joined to text, smaller than a read. */
const PIECE_BYTES = 20_000;

function collect(peer: Socket): { received: () => Buffer; ended: () => boolean; errorCode: () => string | null } {
  const pieces: Buffer[] = [];
  let ended = false;
  let errorCode: string | null = null;
  peer.on('data', (piece: Buffer) => pieces.push(piece));
  peer.on('end', () => (ended = true));
  peer.on('error', (error: NodeJS.ErrnoException) => (errorCode = error.code ?? ''));
  peer.resume();
  return { received: () => Buffer.concat(pieces), ended: () => ended, errorCode: () => errorCode };
}

/** Of a length that no buffer size is a multiple of, so that bytes in a wrong place are seen. */
const PATTERN = randomBytes(65_521);

function patternOf(length: number): Buffer {
  return Buffer.alloc(length, PATTERN);
}

/** Rules of the wire, by their names. */
export const WIRE_CASES: Readonly<Record<string, WireCase>> = {
  'delivers everything in order, in pieces no longer than a read': async (t) => {
    const owner = new RecordingOwner();
    const { wire, peer } = await openWirePair(t, owner);
    const sent = patternOf(1_000_000);
    peer.end(sent);
    await until('the end', () => owner.count('end') === 1);
    assert.equal(owner.received.equals(sent), true);
    assert.equal(wire.bytesRead, sent.length);
    assert.ok(owner.pieces.every((piece) => piece.length > 0 && piece.length <= 65_536));
  },

  'sends text, short bytes, long bytes and owned bytes in the order they were written': async (t) => {
    const { wire, peer } = await openWirePair(t, new RecordingOwner());
    const seen = collect(peer);
    const long = patternOf(PIECE_BYTES);
    const parts: Buffer[] = [];
    fenced(() => {
      for (let i = 0; i < 50; i++) {
        wire.writeText(`head ${i} \xff\r\n`);
        wire.writeBytes(long, i, i + 100);
        wire.writeBytes(long, 5, PIECE_BYTES);
        wire.writeOwned(Buffer.from(`owned ${i}`));
        parts.push(Buffer.from(`head ${i} \xff\r\n`, 'latin1'), long.subarray(i, i + 100));
        parts.push(long.subarray(5), Buffer.from(`owned ${i}`));
      }
    });
    const expected = Buffer.concat(parts);
    await until('all bytes', () => seen.received().length === expected.length);
    assert.equal(seen.received().equals(expected), true);
    assert.equal(wire.bytesWritten, expected.length);
  },

  'lends written bytes only for the call: the writer may overwrite them afterwards': async (t) => {
    const { wire, peer } = await openWirePair(t, new RecordingOwner());
    const seen = collect(peer);
    const memory = Buffer.alloc(PIECE_BYTES, 'a');
    fenced(() => {
      wire.writeBytes(memory, 0, PIECE_BYTES);
      memory.fill('b');
      wire.writeBytes(memory, 0, 50);
      memory.fill('c');
    });
    await until('all bytes', () => seen.received().length === PIECE_BYTES + 50);
    assert.equal(seen.received().toString('latin1'), 'a'.repeat(PIECE_BYTES) + 'b'.repeat(50));
  },

  'sends nothing before the fence closes, and by itself when none is open': async (t) => {
    const { wire, peer } = await openWirePair(t, new RecordingOwner());
    const seen = collect(peer);
    fenced(() => {
      wire.writeText('one');
      assert.equal(wire.bytesWritten, 0);
    });
    assert.equal(wire.bytesWritten, 3);
    wire.writeText('two');
    await until('both texts', () => seen.received().toString() === 'onetwo');
  },

  'reports blocked when the kernel takes no more, and drained once everything is taken': async (t) => {
    const owner = new RecordingOwner();
    const { wire, peer } = await openWirePair(t, owner);
    peer.pause();
    const sent = patternOf(MANY_BYTES);
    fenced(() => wire.writeOwned(sent));
    assert.deepEqual(owner.events, ['blocked']);
    assert.ok(wire.pendingBytes > 0);
    const seen = collect(peer);
    await until('drained', () => owner.count('drained') === 1, 20_000);
    assert.equal(wire.pendingBytes, 0);
    await until('all bytes', () => seen.received().length === sent.length, 20_000);
    assert.equal(seen.received().equals(sent), true);
    assert.deepEqual(owner.events, ['blocked', 'drained']);
  },

  'reports blocked and drained for a few bytes too': async (t) => {
    const owner = new RecordingOwner();
    const { wire, peer } = await openWirePair(t, owner);
    peer.pause();
    // Small pieces until one of them is not taken: that one alone must be reported.
    for (let i = 0; i < 10_000 && wire.pendingBytes === 0; i++) fenced(() => wire.writeOwned(patternOf(4_000)));
    assert.ok(wire.pendingBytes > 0 && wire.pendingBytes <= 4_000, `${wire.pendingBytes} bytes pending`);
    assert.deepEqual(owner.events, ['blocked']);
    collect(peer);
    await until('drained', () => owner.count('drained') === 1);
    assert.equal(wire.pendingBytes, 0);
  },

  'can block again and again': async (t) => {
    const owner = new RecordingOwner();
    const { wire, peer } = await openWirePair(t, owner);
    const seen = collect(peer);
    for (let round = 1; round <= 3; round++) {
      peer.pause();
      fenced(() => wire.writeOwned(patternOf(MANY_BYTES)));
      assert.equal(owner.count('blocked'), round);
      peer.resume();
      await until('drained', () => owner.count('drained') === round, 20_000);
    }
    await until('all bytes', () => seen.received().length === 3 * MANY_BYTES, 20_000);
  },

  'delivers nothing while paused, and everything after a resume': async (t) => {
    const owner = new RecordingOwner();
    const { wire, peer } = await openWirePair(t, owner);
    const sent = patternOf(3_000_000);
    let isPaused = false;
    let violations = 0;
    const resume = (): void => {
      isPaused = false;
      wire.resume();
    };
    owner.onData = () => {
      if (isPaused) violations++;
      isPaused = true;
      wire.pause();
      // Several turns of the loop are the chance to break the rule.
      setImmediate(() => setImmediate(() => setImmediate(resume)));
    };
    peer.end(sent);
    await until('the end', () => owner.count('end') === 1);
    assert.equal(violations, 0);
    assert.equal(owner.received.equals(sent), true);
  },

  'ends its sending side behind everything queued, and still receives': async (t) => {
    const owner = new RecordingOwner();
    const { wire, peer } = await openWirePair(t, owner);
    const sent = patternOf(4_000_000);
    peer.pause();
    fenced(() => {
      wire.writeOwned(sent);
      wire.writeText('last');
      wire.end();
    });
    const seen = collect(peer);
    await until('the end', seen.ended, 20_000);
    assert.equal(seen.received().length, sent.length + 4);
    assert.equal(seen.received().subarray(-4).toString(), 'last');
    peer.end('answer');
    await until('the answer and its end', () => owner.count('end') === 1);
    assert.equal(owner.received.toString(), 'answer');
  },

  'reports the end of the other side once, and still sends': async (t) => {
    const owner = new RecordingOwner();
    const { wire, peer } = await openWirePair(t, owner);
    const seen = collect(peer);
    peer.end('all');
    await until('the end', () => owner.count('end') === 1);
    assert.equal(wire.closed, false);
    fenced(() => wire.writeText('still here'));
    await until('the text', () => seen.received().toString() === 'still here');
    assert.deepEqual(owner.events, ['end']);
  },

  'calls nothing after destroy, not even for data of the same read': async (t) => {
    const owner = new RecordingOwner();
    const { wire, peer } = await openWirePair(t, owner);
    const seen = collect(peer);
    owner.onData = () => wire.destroy();
    peer.write(patternOf(500_000));
    await until('the other side noticed', () => seen.ended() || seen.errorCode() !== null || peer.destroyed);
    assert.equal(owner.pieces.length, 1);
    assert.deepEqual(owner.events, []);
    assert.equal(wire.closed, true);
    fenced(() => {
      wire.writeText('into the void');
      wire.flush();
      wire.pause();
      wire.resume();
      wire.end();
      wire.destroy();
      wire.reset();
    });
    assert.deepEqual(owner.events, []);
  },

  'resets, so that the other side cannot take what it has for a whole': async (t) => {
    const { wire, peer } = await openWirePair(t, new RecordingOwner());
    const seen = collect(peer);
    fenced(() => wire.writeText('half of it'));
    await until('the text', () => seen.received().length > 0);
    wire.reset();
    await until('the reset', () => seen.errorCode() === 'ECONNRESET');
    assert.equal(seen.ended(), false);
  },

  'reports a reset of the other side once, with its code': async (t) => {
    const owner = new RecordingOwner();
    const { wire, peer } = await openWirePair(t, owner);
    peer.resetAndDestroy();
    await until('closed', () => wire.closed);
    assert.deepEqual(owner.events, ['closed ECONNRESET']);
  },

  'reports a reset while it is blocked, and gives its memory back': async (t) => {
    const before = bufferedBytes();
    const owner = new RecordingOwner();
    const { wire, peer } = await openWirePair(t, owner);
    peer.pause();
    fenced(() => wire.writeOwned(patternOf(MANY_BYTES)));
    assert.deepEqual(owner.events, ['blocked']);
    peer.resetAndDestroy();
    await until('closed', () => wire.closed);
    assert.match(owner.events[1] ?? '', /^closed (ECONNRESET|EPIPE)$/);
    assert.equal(owner.events.length, 2);
    await until('memory given back', () => bufferedBytes() === before);
  },

  'works on a unix socket, whose other side has no address': async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wire-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const owner = new RecordingOwner();
    const { wire, peer } = await openWirePair(t, owner, join(folder, 'socket'));
    assert.equal(wire.peerAddress, '');
    peer.write('ping');
    await until('the text', () => owner.received.toString() === 'ping');
  },
};
