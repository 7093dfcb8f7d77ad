import assert from 'node:assert/strict';

import { fieldValues, type Message, quote, statusOf } from '../support/http1-message.ts';
import type { MessageReader } from '../support/http1-reader.ts';
import type { BackendConnection } from '../support/scripted-backend.ts';
import type { Expectation, ExpectedAnswer, ExpectedForward } from './case.ts';

/** An expectation in its long form. */
export function asAnswer(answer: number | ExpectedAnswer): ExpectedAnswer {
  return typeof answer === 'number' ? { status: answer } : answer;
}

/** An expectation in its long form. */
export function asForward(forward: string | ExpectedForward): ExpectedForward {
  return typeof forward === 'string' ? { line: forward } : forward;
}

/** Final answers (and a 101) that a case must bring. */
export function countOfFinals(expect: Expectation): number {
  return expect.answers.map(asAnswer).filter((answer) => answer.optional !== true && isFinal(answer.status)).length;
}

/** Whether a status ends an exchange. */
export function isFinal(status: number | readonly number[]): boolean {
  const one = typeof status === 'number' ? status : (status[0] ?? 0);
  return one >= 200 || one === 101;
}

/** Compares every answer that the client got with the expectation; fails on any byte too many. */
export function judgeAnswers(expect: Expectation, reader: MessageReader): void {
  assert.equal(reader.violation, null, `the client got a malformed answer: ${reader.violation} ${quote(reader.rest)}`);
  const left = [...reader.messages];
  for (const answer of expect.answers.map(asAnswer)) {
    if (answer.optional === true) {
      while (left[0] !== undefined && statusMatches(answer, left[0])) judgeAnswer(answer, left.shift() as Message);
      continue;
    }
    const message = left.shift();
    assert.ok(message, `missing answer ${JSON.stringify(answer)}; got ${describe(reader.messages)}`);
    judgeAnswer(answer, message);
  }
  assert.equal(describe(left), '[]', 'answers that nobody asked for');
  assert.equal(reader.rest, expect.tunnel?.toClient ?? '', 'bytes behind the last answer');
}

function statusMatches(answer: ExpectedAnswer, message: Message): boolean {
  const statuses = typeof answer.status === 'number' ? [answer.status] : answer.status;
  return statuses.includes(statusOf(message));
}

function judgeAnswer(answer: ExpectedAnswer, message: Message): void {
  const shown = `answer ${quote(message.start)} ${quote(message.body)}`;
  assert.ok(statusMatches(answer, message), `${shown} instead of ${JSON.stringify(answer.status)}`);
  if (answer.code !== undefined) assert.equal(codeOf(message), answer.code, shown);
  judgeFields(answer, message, shown);
  if (answer.body !== undefined) assert.equal(message.body, answer.body, `body of ${shown}`);
  if (answer.framing !== undefined) assert.equal(message.framing, answer.framing, `framing of ${shown}`);
  if (answer.trailers !== undefined) assert.deepEqual(message.trailers, answer.trailers, `trailers of ${shown}`);
  assert.equal(message.complete, answer.cut !== true, `whether the ${shown} is complete`);
}

function codeOf(message: Message): unknown {
  try {
    return (JSON.parse(message.body) as { code?: unknown }).code;
  } catch {
    return null;
  }
}

interface FieldExpectation {
  readonly has?: readonly (string | RegExp)[];
  readonly lacks?: readonly (string | RegExp)[];
}

function judgeFields(expected: FieldExpectation, message: Message, shown: string): void {
  const { fields } = message;
  for (const wanted of expected.has ?? []) {
    const hits = fields.filter((line) => (typeof wanted === 'string' ? line === wanted : wanted.test(line)));
    assert.equal(hits.length, 1, `${hits.length} times ${String(wanted)} in ${shown}: ${quote(fields.join(' | '))}`);
  }
  for (const unwanted of expected.lacks ?? []) {
    const hits = fields.filter((line) =>
      typeof unwanted === 'string' ? line.toLowerCase().startsWith(`${unwanted.toLowerCase()}:`) : unwanted.test(line),
    );
    assert.deepEqual(hits, [], `${shown} has ${String(unwanted)}`);
  }
}

/** Compares what reached the backend with the expectation. */
export function judgeForwards(expect: Expectation, connections: readonly BackendConnection[]): void {
  const { forwarded } = expect;
  if (forwarded === 'none') {
    assert.equal(connections.map(({ received }) => received).join(''), '', 'bytes at the backend');
    return;
  }
  const messages = connections.flatMap(({ reader }) => reader.messages);
  for (const { reader } of connections) assert.equal(reader.violation, null, 'a malformed request at the backend');
  for (const message of messages) judgeEveryForward(message);
  if (forwarded === 'nothing-whole') {
    assert.equal(describe(messages.filter(({ complete }) => complete)), '[]', 'whole requests at the backend');
    return;
  }
  const expected = forwarded
    .map(asForward)
    .filter(({ optional, line }) => optional !== true || messages.some(({ start }) => start === line));
  assert.deepEqual(
    messages.map(({ start }) => start),
    expected.map(({ line }) => line),
    'requests at the backend',
  );
  for (const [index, message] of messages.entries()) judgeForward(expected[index] as ExpectedForward, message);
  const rest = connections.map(({ reader }) => reader.rest).join('');
  assert.equal(rest, expect.tunnel?.toBackend ?? '', 'bytes behind the last request at the backend');
}

function judgeForward(expected: ExpectedForward, message: Message): void {
  const shown = `request ${quote(message.start)}`;
  judgeFields(expected, message, shown);
  if (expected.body !== undefined) assert.equal(message.body, expected.body, `body of ${shown}`);
  if (expected.framing !== undefined) assert.equal(message.framing, expected.framing, `framing of ${shown}`);
  if (expected.trailers !== undefined) assert.deepEqual(message.trailers, expected.trailers, `trailers of ${shown}`);
  assert.equal(message.complete, expected.complete ?? true, `whether the ${shown} is complete at the backend`);
}

const NEVER_FORWARDED = [
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'http2-settings',
  'trailer',
];

/** What holds for every request that reaches a backend, whatever the case is about. */
function judgeEveryForward(message: Message): void {
  const shown = `request ${quote(message.start)} with ${quote(message.fields.join(' | '))}`;
  assert.match(message.start, / HTTP\/1\.1$/, shown);
  assert.notEqual(fieldValues(message, 'via').length, 0, `Via is there in ${shown}`);
  for (const name of ['host', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-request-id']) {
    assert.equal(fieldValues(message, name).length, 1, `${name} is there once in ${shown}`);
  }
  for (const name of NEVER_FORWARDED) assert.deepEqual(fieldValues(message, name), [], `${name} in ${shown}`);
  const options = fieldValues(message, 'connection').join(', ').toLowerCase();
  const allowed = fieldValues(message, 'upgrade').length > 0 ? /^upgrade$/ : /^(keep-alive|close|te)?$/;
  assert.match(options, allowed, `Connection of ${shown}`);
}

/** Start lines of messages, for error texts. */
function describe(messages: readonly Message[]): string {
  return JSON.stringify(messages.map(({ start, complete }) => (complete ? start : `${start} (incomplete)`)));
}
