import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';

import { compareCase, type FuzzCase } from './compare.ts';
import { corpusText, readCorpus } from './corpus.ts';
import { generateCase } from './generate-case.ts';
import { KNOWN_DIFFERENCES } from './known-differences.ts';
import { judgeRequests, judgeResponses } from './llhttp.ts';
import { minimise } from './minimise.ts';
import { randomOfCase } from './random.ts';
import { readRequests } from './read-requests.ts';
import { runFuzz } from './run-fuzz.ts';

/** The long run is `codec-fuzz.ts`; this one is the same on every machine. */
const SEED = 20_260_102;
const CASES = 20_000;

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

test('nothing that llhttp refuses is accepted, and nothing is framed differently, in generated heads and bodies', () => {
  const summary = runFuzz(SEED, CASES, () => undefined);
  const found = summary.findings.map(({ index, difference, smallest }) => ({ index, difference, smallest }));
  assert.deepEqual(found, [], `see codec-fuzz.ts --seed ${SEED} --cases ${CASES}`);
  // A generator of nonsense, or a codec that refuses everything, would show no difference either.
  assert.ok(summary.messagesCompleted > CASES / 3, `only ${summary.messagesCompleted} messages were accepted`);
  assert.ok(summary.refusedByCode.size > 20, `only ${summary.refusedByCode.size} kinds of refusals were met`);
});

for (const [file, entry] of readCorpus()) {
  test(`corpus ${file}: ${entry.why}`, () => {
    const verdict = compareCase(entry);
    assert.equal(verdict.difference, null);
    const { accepted, completed, refused } = verdict;
    assert.deepEqual({ accepted, completed, refused }, entry.expect);
  });
}

test('every listed difference is shown by a case of the corpus, and has a reason', () => {
  const met = new Set(readCorpus().flatMap(([, entry]) => compareCase(entry).known));
  assert.deepEqual([...met].toSorted(), KNOWN_DIFFERENCES.map(({ id }) => id).toSorted());
  for (const { reason } of KNOWN_DIFFERENCES) assert.match(reason, /^RFC \d{4} /);
});

test('a corpus file is ASCII and keeps every byte', () => {
  const entry = {
    why: 'x',
    expect: { accepted: 0, completed: 0, refused: null },
    kind: 'request',
    toHead: false,
    cuts: [1],
  } as const;
  const text = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
  const written = corpusText({ ...entry, text });
  assert.match(written, /^[\n -~]*$/);
  assert.deepEqual(JSON.parse(written), { ...entry, text });
});

test('the judge is strict: it refuses what lenient readers take', () => {
  for (const text of [
    'GET / HTTP/1.1\nHost: a\n\n',
    'GET / HTTP/1.1\r\nHost : a\r\n\r\n',
    'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n',
    'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na',
  ]) {
    assert.notEqual(judgeRequests(latin1(text)).refused, null, JSON.stringify(text));
  }
  assert.notEqual(judgeResponses(latin1('HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\n'), false).refused, null);
});

test('both readers see the messages of a connection with their bodies and trailers', () => {
  const text =
    'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc' +
    'POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n' +
    'GET /c HTTP/1.0\r\nHost: a\r\n\r\n';
  const own = readRequests([latin1(text)]);
  assert.deepEqual(own.messages, judgeRequests(latin1(text)).messages);
  assert.deepEqual(
    own.messages.map(({ target, framing, body, trailers, persistent }) => [
      target,
      framing,
      body,
      trailers,
      persistent,
    ]),
    [
      ['/a', 'length', 'abc', [], true],
      ['/b', 'chunked', 'de', [['X-Sum', '1']], true],
      ['/c', 'none', '', [], false],
    ],
  );
});

test('the long run prints its seed and figures, and refuses arguments that are no numbers', () => {
  const script = join(import.meta.dirname, 'codec-fuzz.ts');
  const run = spawnSync(process.execPath, [script, '--cases', '50', '--seed', '7'], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stdout);
  assert.match(run.stdout, /50 cases, --seed 7\n[\s\S]*\ndifferences: 0\n$/);
  assert.equal(spawnSync(process.execPath, [script, '--cases', 'x'], { encoding: 'utf8' }).status, 2);
});

test('a case is the same for the same seed, and another one for another', () => {
  const make = (seed: number, index: number): FuzzCase => generateCase(randomOfCase(seed, index));
  assert.deepEqual(make(1, 7), make(1, 7));
  assert.notDeepEqual(make(1, 7), make(1, 8));
  assert.notDeepEqual(make(1, 7), make(2, 7));
});

test('a case that shows a difference is made as small as it can be', () => {
  const text = `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(20)}\r\n`;
  const input: FuzzCase = { kind: 'request', toHead: false, text, cuts: [3, 4] };
  const smallest = minimise(input, (candidate) => candidate.text.includes('G') && candidate.text.includes(': y'));
  assert.deepEqual([smallest.text, smallest.cuts], ['G: y', []]);
  const inPieces = minimise(input, (candidate) => candidate.cuts.length > 0 && candidate.text.includes('T'));
  assert.deepEqual([inPieces.text, inPieces.cuts], ['T', [3, 4]]);
});
