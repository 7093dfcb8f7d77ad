import assert from 'node:assert/strict';
import test from 'node:test';

import type { FieldList } from '../../src/base/http/field-list.ts';
import type { BodySink, BodySource } from '../../src/dataplane/exchange/body.ts';
import { RequestBody } from '../../src/dataplane/exchange/request-body.ts';
import { bufferedBytes } from '../../src/dataplane/wire/buffered-bytes.ts';

const HOLD_BYTES = 65_536;

class Source implements BodySource {
  paused = false;

  pauseBody(): void {
    this.paused = true;
  }

  resumeBody(): void {
    this.paused = false;
  }
}

class Sink implements BodySink {
  text = '';
  ends = 0;
  onData: (() => void) | null = null;

  bodyData(bytes: Buffer, start: number, end: number): void {
    this.text += bytes.latin1Slice(start, end);
    this.onData?.();
  }

  bodyEnd(_trailers: FieldList | null): void {
    this.ends++;
  }
}

/** Delivers bytes as a wire does: from memory that is overwritten when the call returns. */
function deliver(body: RequestBody, text: string): void {
  const memory = Buffer.from(`##${text}##`, 'latin1');
  body.bodyData(memory, 2, memory.length - 2);
  memory.fill('!');
}

test('bytes pass through when an attempt is ready, and nothing is kept', () => {
  const before = bufferedBytes();
  const body = new RequestBody(new Source(), 0);
  const sink = new Sink();
  body.attach(sink);
  assert.equal(body.replayable, true);
  deliver(body, 'one');
  deliver(body, 'two');
  body.bodyEnd(null);
  assert.equal(sink.text, 'onetwo');
  assert.equal(sink.ends, 1);
  assert.equal(body.received, 6);
  assert.equal(body.replayable, false);
  assert.equal(bufferedBytes(), before);
});

test('bytes that come before an attempt is ready are held, and reach it first', () => {
  const body = new RequestBody(new Source(), 0);
  const sink = new Sink();
  deliver(body, 'one');
  deliver(body, 'two');
  body.attach(sink);
  deliver(body, 'three');
  body.bodyEnd(null);
  assert.equal(sink.text, 'onetwothree');
  assert.equal(sink.ends, 1);
});

test('a body that is complete before an attempt is ready reaches it whole', () => {
  const body = new RequestBody(new Source(), 0);
  const sink = new Sink();
  deliver(body, 'all');
  body.bodyEnd(null);
  body.attach(sink);
  assert.equal(sink.text, 'all');
  assert.equal(sink.ends, 1);
});

test('the client is paused when much is held, and goes on when an attempt is ready', () => {
  const source = new Source();
  const body = new RequestBody(source, 0);
  deliver(body, 'x'.repeat(HOLD_BYTES - 1));
  assert.equal(source.paused, false);
  deliver(body, 'x');
  assert.equal(source.paused, true);
  const sink = new Sink();
  body.attach(sink);
  assert.equal(source.paused, false);
  assert.equal(sink.text.length, HOLD_BYTES);
});

test('an attempt that is full at once keeps the client paused', () => {
  const source = new Source();
  const body = new RequestBody(source, 0);
  deliver(body, 'x'.repeat(HOLD_BYTES));
  const sink = new Sink();
  sink.onData = () => body.pause();
  body.attach(sink);
  assert.equal(source.paused, true);
  body.resume();
  assert.equal(source.paused, false);
});

test('a body within its spool is the same for every attempt', () => {
  const body = new RequestBody(new Source(), 100);
  const first = new Sink();
  body.attach(first);
  deliver(body, 'one');
  body.detach();
  deliver(body, 'two');
  assert.equal(body.replayable, true);
  const second = new Sink();
  body.attach(second);
  deliver(body, 'three');
  body.bodyEnd(null);
  body.detach();
  const third = new Sink();
  body.attach(third);
  assert.equal(first.text, 'one');
  assert.equal(second.text, 'onetwothree');
  assert.equal(third.text, 'onetwothree');
  assert.deepEqual([first.ends, second.ends, third.ends], [0, 1, 1]);
});

test('a body that outgrows its spool is given once, whole, and its memory is given back', () => {
  const before = bufferedBytes();
  const body = new RequestBody(new Source(), 4);
  const sink = new Sink();
  body.attach(sink);
  deliver(body, 'four');
  assert.equal(body.replayable, true);
  assert.equal(bufferedBytes(), before + 4);
  deliver(body, 'more');
  assert.equal(body.replayable, false);
  assert.equal(bufferedBytes(), before);
  deliver(body, 'end');
  assert.equal(sink.text, 'fourmoreend');
});

test('held bytes beyond the spool are given once', () => {
  const body = new RequestBody(new Source(), 4);
  deliver(body, 'longer than four');
  body.attach(new Sink());
  assert.equal(body.replayable, false);
});

test('an attempt that gives up while it is fed gets nothing more', () => {
  const body = new RequestBody(new Source(), 100);
  deliver(body, 'one');
  deliver(body, 'two');
  const sink = new Sink();
  sink.onData = () => body.detach();
  body.attach(sink);
  body.bodyEnd(null);
  assert.equal(sink.text, 'one');
  assert.equal(sink.ends, 0);
  assert.equal(body.replayable, true);
});

test('release gives back what is held', () => {
  const before = bufferedBytes();
  const body = new RequestBody(new Source(), 1_000);
  deliver(body, 'x'.repeat(500));
  assert.equal(bufferedBytes(), before + 500);
  body.release();
  body.release();
  assert.equal(bufferedBytes(), before);
});
