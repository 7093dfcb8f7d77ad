import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';
import { closeFrame, GOING_AWAY } from './close-frame.ts';
import { FrameTracker } from './frame-tracker.ts';

const MASK = [0x81, 0x05, 0x88, 0xfe];

interface Frame {
  readonly opcode: number;
  readonly final: boolean;
  readonly length: number;
}

function bytesOf({ opcode, final, length }: Frame, masked: boolean): Buffer {
  const first = (final ? 0x80 : 0) | opcode;
  const bit = masked ? 0x80 : 0;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = bit | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  // What the payload looks like must not matter: it is full of things that look like frames.
  return Buffer.concat([header, Buffer.from(masked ? MASK : []), Buffer.alloc(length, '\x88\x02\x81\x00')]);
}

/** Where frames end in what lies one behind the other. */
function bordersOf(frames: readonly Buffer[]): number[] {
  let at = 0;
  return frames.map((frame) => (at += frame.length));
}

/** Borders that a tracker sees when it gets the bytes in pieces, as far as the ends of pieces show them. */
function seenBorders(tracker: FrameTracker, bytes: Buffer, ends: readonly number[]): number[] {
  const seen: number[] = [];
  let start = 0;
  for (const end of ends) {
    tracker.advance(bytes, start, end);
    if (tracker.atBorder) seen.push(end);
    start = end;
  }
  return seen;
}

const TEXT = { opcode: 1, final: true, length: 5 };
const FRAMES: readonly (readonly [string, readonly Frame[]])[] = [
  ['a short frame', [TEXT]],
  ['an empty frame', [{ ...TEXT, length: 0 }]],
  ['the longest length of 7 bits and the shortest of 16', [125, 126, 127].map((length) => ({ ...TEXT, length }))],
  ['the longest length of 16 bits and the shortest of 64', [65_535, 65_536].map((length) => ({ ...TEXT, length }))],
  [
    'a message in pieces with control frames between them',
    [
      { opcode: 2, final: false, length: 300 },
      { opcode: 9, final: true, length: 125 },
      { opcode: 0, final: false, length: 0 },
      { opcode: 10, final: true, length: 0 },
      { opcode: 0, final: true, length: 7 },
      TEXT,
    ],
  ],
];

for (const masked of [false, true]) {
  const who = masked ? 'client' : 'server';
  for (const [rule, frames] of FRAMES) {
    test(`${rule} of a ${who} ends where it ends, byte by byte and at once`, () => {
      const pieces = frames.map((frame) => bytesOf(frame, masked));
      const bytes = Buffer.concat(pieces);
      const every = Array.from({ length: bytes.length }, (_, i) => i + 1);
      assert.deepEqual(seenBorders(new FrameTracker(masked), bytes, every), bordersOf(pieces));
      assert.deepEqual(seenBorders(new FrameTracker(masked), bytes, [bytes.length]), [bytes.length]);
    });
  }
}

const frame = fc.record({
  control: fc.constantFrom(null, null, 9, 10),
  final: fc.boolean(),
  length: fc.oneof(fc.integer({ min: 0, max: 130 }), fc.constantFrom(125, 126, 65_535, 65_536, 70_000)),
});

test('every legal sequence of frames, split anywhere, shows its borders and no others', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(frame, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(2_000), { maxLength: 40 }),
      (masked, drawn, lengths) => {
        const pieces = legal(drawn).map((each) => bytesOf(each, masked));
        const bytes = Buffer.concat(pieces);
        const borders = new Set(bordersOf(pieces));
        const ends = new Set<number>([bytes.length]);
        let at = 0;
        for (const length of lengths) if ((at += length) < bytes.length) ends.add(at);
        const sorted = [...ends].toSorted((a, b) => a - b);
        const tracker = new FrameTracker(masked);
        const expected = sorted.filter((end) => borders.has(end));
        assert.deepEqual(
          seenBorders(tracker, bytes, sorted).filter((end) => end > 0),
          expected,
        );
        assert.ok(!tracker.broken && !tracker.closed);
        assert.deepEqual(steps(new FrameTracker(masked), bytes), [...borders]);
      },
    ),
    { numRuns: 300 },
  );
});

/** Turns drawn frames into a sequence that RFC 6455 allows. */
function legal(drawn: readonly { control: number | null; final: boolean; length: number }[]): Frame[] {
  let open = false;
  return drawn.map(({ control, final, length }) => {
    if (control !== null) return { opcode: control, final: true, length: Math.min(length, 125) };
    const opcode = open ? 0 : 1 + (length % 2);
    open = !final;
    return { opcode, final, length };
  });
}

/** Borders found by stepping from one to the next. */
function steps(tracker: FrameTracker, bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length;) {
    at = tracker.advanceToBorder(bytes, at, bytes.length);
    if (tracker.atBorder) found.push(at);
  }
  return found;
}

test('a stream that has not begun is at a border: a frame may be put before all others', () => {
  assert.ok(new FrameTracker(true).atBorder);
});

for (const [masked, mask] of [
  [false, null],
  [true, Uint8Array.from(MASK)],
] as const) {
  test(`our Close frame ${masked ? 'to a server is masked' : 'to a client is not masked'} and says 1001`, () => {
    const bytes = closeFrame(GOING_AWAY, mask);
    const tracker = new FrameTracker(masked);
    for (let at = 0; at < bytes.length; at++) {
      assert.ok(!tracker.closed);
      tracker.advance(bytes, at, at + 1);
    }
    assert.ok(tracker.closed && tracker.atBorder && !tracker.broken);
    const payload = bytes.subarray(-2).map((byte, i) => byte ^ (mask?.[i] ?? 0));
    assert.equal((payload[0] as number) * 256 + (payload[1] as number), 1001);
  });
}

const BROKEN: readonly (readonly [string, boolean, readonly number[]])[] = [
  ['a reserved opcode', false, [0x83, 0x00]],
  ['a reserved control opcode', false, [0x8b, 0x00]],
  ['a masked frame of a server', false, [0x81, 0x80, ...MASK]],
  ['a frame of a client without mask', true, [0x81, 0x00]],
  ['a control frame in pieces', false, [0x09, 0x00]],
  ['a control frame of more than 125 bytes', false, [0x89, 126, 0, 126]],
  ['a continuation of nothing', false, [0x80, 0x00]],
  ['a message inside another', false, [0x01, 0x00, 0x81, 0x00]],
  ['a length that no number can hold', false, [0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0]],
];

for (const [rule, masked, bytes] of BROKEN) {
  test(`${rule} breaks the stream for good: it is never at a border again`, () => {
    const tracker = new FrameTracker(masked);
    tracker.advance(Buffer.from(bytes), 0, bytes.length);
    assert.ok(tracker.broken && !tracker.atBorder);
    const sound = bytesOf(TEXT, masked);
    tracker.advance(sound, 0, sound.length);
    assert.ok(!tracker.atBorder);
    assert.equal(tracker.advanceToBorder(sound, 0, sound.length), sound.length);
  });
}

test('reserved bits belong to extensions (RFC 7692) and break nothing', () => {
  const tracker = new FrameTracker(false);
  tracker.advance(Buffer.from([0xc1, 0x01, 0x00]), 0, 3);
  assert.ok(tracker.atBorder);
});
