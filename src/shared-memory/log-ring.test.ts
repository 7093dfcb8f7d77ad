import assert from 'node:assert/strict';
import test from 'node:test';

import { inThreads } from '../../tests/support/in-threads.ts';
import { LogRingReader, LogRingWriter } from './log-ring.ts';
import type * as Tested from './log-ring.ts';
import { createRegions, LOG_RING_BYTES, type Regions } from './regions.ts';

const MODULE = new URL('./log-ring.ts', import.meta.url);

/** Reads everything that waits, in the pieces in which the log thread would write it. */
function readAll(reader: LogRingReader): string {
  let text = '';
  for (let bytes = reader.peek(); bytes.length > 0; bytes = reader.peek()) {
    text += bytes.toString('latin1');
    reader.release(bytes.length);
  }
  return text;
}

function ringOf(regions: Regions, row: number): { writer: LogRingWriter; reader: LogRingReader } {
  return {
    writer: new LogRingWriter(regions, row),
    reader: new LogRingReader(regions.logRings[row] as SharedArrayBuffer),
  };
}

test('lines come out in the order in which they went in', () => {
  const { writer, reader } = ringOf(createRegions(1), 0);
  assert.equal(readAll(reader), '');
  for (const line of ['one\n', 'two\n', 'three\n']) assert.equal(writer.write(line), true);
  assert.equal(readAll(reader), 'one\ntwo\nthree\n');
  assert.equal(readAll(reader), '');
});

test('a line that meets the end of the ring goes on at its beginning', () => {
  const { writer, reader } = ringOf(createRegions(1), 0);
  const filler = `${'x'.repeat(LOG_RING_BYTES - 11)}\n`;
  assert.equal(writer.write(filler), true);
  assert.equal(readAll(reader).length, filler.length);
  assert.equal(writer.write('0123456789abcdef\n'), true);
  assert.equal(reader.peek().toString('latin1'), '0123456789', 'the first piece ends with the ring');
  assert.equal(readAll(reader), '0123456789abcdef\n');
});

test('a full ring drops whole lines and counts them; after that it takes lines again', () => {
  const { writer, reader } = ringOf(createRegions(1), 0);
  const line = `${'y'.repeat(1_023)}\n`;
  const fits = LOG_RING_BYTES / line.length;
  for (let i = 0; i < fits; i++) assert.equal(writer.write(line), true);
  for (let i = 0; i < 3; i++) assert.equal(writer.write(line), false);
  assert.equal(writer.write('\n'), false, 'one byte more than the ring has');
  assert.equal(reader.dropped, 4);
  assert.equal(readAll(reader), line.repeat(fits));
  assert.equal(writer.write(line), true);
  assert.equal(readAll(reader), line);
});

test('a line as long as the ring fits, a longer one is dropped', () => {
  const { writer, reader } = ringOf(createRegions(1), 0);
  assert.equal(writer.write('z'.repeat(LOG_RING_BYTES + 1)), false);
  assert.equal(writer.write('z'.repeat(LOG_RING_BYTES)), true);
  assert.equal(readAll(reader).length, LOG_RING_BYTES);
});

test('the successor of a dead worker goes on where that one ended: what it wrote is still read', () => {
  const regions = createRegions(1);
  const { writer, reader } = ringOf(regions, 0);
  writer.write('of the dead one\n');
  const successor = new LogRingWriter(regions, 0);
  successor.write('of its successor\n');
  assert.equal(readAll(reader), 'of the dead one\nof its successor\n');
});

test('positions wrap after 4 GiB without losing a byte', () => {
  const regions = createRegions(1);
  const header = new Int32Array(regions.logRings[0] as SharedArrayBuffer, 0, 2);
  header.fill(0x7fffffff - 5);
  const { writer, reader } = ringOf(regions, 0);
  for (let i = 0; i < 10; i++) assert.equal(writer.write(`line ${i}\n`), true);
  assert.equal(readAll(reader), Array.from({ length: 10 }, (_, i) => `line ${i}\n`).join(''));
  assert.equal(reader.dropped, 0);
});

test('a writer and a reader in two threads: every line that was taken comes out whole and in order', async () => {
  const regions = createRegions(1);
  const data = ['write', 'read'].map((role) => ({ regions, role }));
  const [written, read] = await inThreads(MODULE, data, (module: typeof Tested, { regions: shared, role }) => {
    const LINES = 60_000;
    if (role === 'write') {
      const ring = new module.LogRingWriter(shared, 0);
      for (let i = 0; i < LINES; i++) while (!ring.write(`${i} ${'.'.repeat(i % 300)}\n`));
      return { lines: LINES, text: '' };
    }
    const ring = new module.LogRingReader(shared.logRings[0] as SharedArrayBuffer);
    let rest = '';
    let next = 0;
    const deadline = Date.now() + 20_000;
    while (next < LINES && Date.now() < deadline) {
      const bytes = ring.peek();
      if (bytes.length === 0) continue;
      const lines = (rest + bytes.toString('latin1')).split('\n');
      ring.release(bytes.length);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line !== `${next} ${'.'.repeat(next % 300)}`) return { lines: next, text: line };
        next++;
      }
    }
    return { lines: next, text: rest };
  });
  assert.deepEqual(read, { lines: written?.lines, text: '' });
});
