import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import test from 'node:test';

import { printOutcome } from './print-outcome.ts';

/** A stream that keeps what it gets, or fails with a code. */
class Sink extends Writable {
  text = '';
  private readonly failure: string | null;

  constructor(failure: string | null = null) {
    super();
    this.failure = failure;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.failure === null) this.text += chunk.toString();
    done(this.failure === null ? null : Object.assign(new Error(this.failure), { code: this.failure }));
  }
}

const OUTCOME = { status: 1, stdout: 'result\n', stderr: 'remark\n' } as const;

test('the result goes to standard output, remarks to standard error, the status is that of the command', async () => {
  const [stdout, stderr] = [new Sink(), new Sink()];
  assert.equal(await printOutcome(OUTCOME, { stdout, stderr }), 1);
  assert.deepEqual([stdout.text, stderr.text], ['result\n', 'remark\n']);
});

test('a reader that went away is no failure: the status stays', async () => {
  const stderr = new Sink();
  assert.equal(await printOutcome({ ...OUTCOME, status: 0 }, { stdout: new Sink('EPIPE'), stderr }), 0);
  assert.equal(await printOutcome(OUTCOME, { stdout: new Sink('EPIPE'), stderr }), 1);
  assert.equal(stderr.text, 'remark\nremark\n');
});

test('output that cannot be written is told in one line, with status 1', async () => {
  const stderr = new Sink();
  assert.equal(await printOutcome({ status: 0, stdout: 'x', stderr: '' }, { stdout: new Sink('ENOSPC'), stderr }), 1);
  assert.equal(stderr.text, 'rwwwrse: the output cannot be written (ENOSPC)\n');
});

test('two broken streams are survived', async () => {
  const broken = { stdout: new Sink('ENOSPC'), stderr: new Sink('EPIPE') };
  assert.equal(await printOutcome({ ...OUTCOME, status: 0 }, broken), 1);
});
