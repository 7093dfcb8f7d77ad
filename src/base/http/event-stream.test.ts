import assert from 'node:assert/strict';
import test from 'node:test';

import { EventBorder, isEventStream } from './event-stream.ts';

test('a stream of events is told by its media type alone, in any case and with any parameter', () => {
  for (const value of [
    'text/event-stream',
    'Text/Event-Stream',
    'text/event-stream;charset=utf-8',
    'text/event-stream ; x',
  ])
    assert.ok(isEventStream(value), value);
  for (const value of [null, '', 'text/event', 'text/event-streams', 'text/plain', 'x, text/event-stream'])
    assert.ok(!isEventStream(value), String(value));
});

/** Ends of pieces at which a border is seen. */
function borders(text: string, length: number): number[] {
  const border = new EventBorder();
  const bytes = Buffer.from(text, 'latin1');
  const seen: number[] = [];
  for (let at = 0; at < bytes.length; at += length) {
    const end = Math.min(bytes.length, at + length);
    border.advance(bytes, at, end);
    if (border.atBorder) seen.push(end);
  }
  return seen;
}

for (const [name, end] of [
  ['LF', '\n'],
  ['CR LF', '\r\n'],
  ['CR', '\r'],
] as const) {
  test(`an event ends with an empty line, and not before, where lines end with ${name}`, () => {
    const event = `id: 1${end}data: x${end}${end}`;
    assert.equal(borders(event, event.length).length, 1);
    const seen = borders(event + event, 1).filter((at) => at > event.length);
    // A CR that ends the empty line may be all, or its LF follows.
    assert.ok(seen.includes(2 * event.length));
    assert.deepEqual(
      seen.filter((at) => at < 2 * event.length - 1),
      [],
    );
    assert.deepEqual(borders(event.slice(0, -end.length), 100), []);
  });
}

test('comments are events for this purpose, and an empty stream is at a border', () => {
  assert.ok(new EventBorder().atBorder);
  assert.deepEqual(borders(':\n\n', 1), [3]);
  assert.deepEqual(borders(':\n\n', 2), [3]);
});
