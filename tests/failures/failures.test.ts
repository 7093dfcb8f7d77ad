import assert from 'node:assert/strict';
import test from 'node:test';

import { type ErrorCode, errorEntry } from '../../src/base/errors/catalogue.ts';
import { ERROR_CODES } from '../../src/base/errors/error-number.ts';
import { readMetrics } from '../support/metrics.ts';
import { until } from '../support/until.ts';
import { linesOf } from './access-lines.ts';
import { assertAnswer, assertLogs, countOf } from './agreement.ts';
import { UNANSWERED_CASES, UNREACHED_CASES } from './backend-cases.ts';
import type { FailureCase } from './case.ts';
import { LEAVING_CASES, MALFORMED_CASES, UNWANTED_CASES } from './client-cases.ts';
import { type OwnCase, PROXY_CASES } from './proxy-cases.ts';
import { startStage } from './stage.ts';

const SHARED_CASES = {
  ...MALFORMED_CASES,
  ...UNWANTED_CASES,
  ...LEAVING_CASES,
  ...UNREACHED_CASES,
  ...UNANSWERED_CASES,
} as const;
const CASES: Readonly<Partial<Record<ErrorCode, FailureCase>>> = SHARED_CASES;
/** A code without a case does not compile: give it one, in the file of the side that is at fault. */
const PROVOKED: Readonly<Record<ErrorCode, FailureCase | OwnCase | 'in no-local-address.test.ts'>> = {
  ...SHARED_CASES,
  ...PROXY_CASES,
  no_local_address: 'in no-local-address.test.ts',
};
/** All at once would make the machine the slowest part. */
const AT_ONCE = 12;

test('no code is without a case', () => {
  assert.deepEqual(Object.keys(PROVOKED).toSorted(), ERROR_CODES.toSorted());
});

test(
  'answer, access log, application log and metrics agree on failures of clients and backends',
  { concurrency: AT_ONCE },
  async (t) => {
    const stage = await startStage(t, CASES);
    const play = async (code: ErrorCode, { phase, provoke, isCut }: FailureCase): Promise<void> => {
      const answer = await provoke(stage.caseStage(code));
      if (errorEntry(code).status !== 499 && isCut !== true) assertAnswer(code, answer);
      const { status } = await assertLogs(code, phase, stage);
      assert.equal(status, isCut === true ? 200 : errorEntry(code).status);
    };
    await Promise.all(Object.entries(CASES).map(([code, each]) => t.test(code, () => play(code as ErrorCode, each))));
    const { ports } = stage.caseStage('host_not_configured');
    await until('every code is counted as often as the access log has it', async () => {
      const lines = linesOf(stage.accessLog);
      const metrics = await readMetrics(ports.operations);
      return ERROR_CODES.every((code) => countOf(metrics, code) === lines.filter((line) => line.code === code).length);
    });
  },
);

for (const [name, { phase, provoke }] of Object.entries(PROXY_CASES as Readonly<Record<string, OwnCase>>)) {
  test(`answer and logs agree on a failure of the proxy: ${name}`, async (t) => {
    const code = name as ErrorCode;
    const { answer, ...logs } = await provoke(t);
    assertAnswer(code, answer);
    assert.equal((await assertLogs(code, phase, logs)).status, errorEntry(code).status);
  });
}
