import assert from 'node:assert/strict';

import { type ErrorCode, errorEntry } from '../../src/base/errors/catalogue.ts';
import { faultOf } from '../../src/base/errors/fault.ts';
import type { Answer } from '../support/http-client.ts';
import type { Metrics } from '../support/metrics.ts';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type AccessLine, linesOf } from './access-lines.ts';

/** Asserts that an answer tells the code in its body and, for those that cannot read that, in a field (RFC 9209). */
export function assertAnswer(code: ErrorCode, answer: Answer | null): void {
  assert.ok(answer !== null, 'there is an answer');
  const body = JSON.parse(answer.body) as Record<string, unknown>;
  const { status, text } = errorEntry(code);
  assert.deepEqual([answer.status, body['code'], body['status'], body['error']], [status, code, status, text]);
  assert.match(answer.head, new RegExp(`\\r\\nProxy-Status: rwwwrse; error=[a-z_]+; details="${code}"(?:\\r\\n|$)`));
}

/**
 * Asserts that both logs tell of one request the code, the side at fault and the phase, and that its phases add up to its whole
 * time; gives its line.
 */
export async function assertLogs(
  code: ErrorCode,
  phase: string,
  { accessLog, program }: { readonly accessLog: string; readonly program: Program },
): Promise<AccessLine> {
  const line = await until(`a line with ${code}`, () => linesOf(accessLog).find((each) => each.code === code) ?? null);
  assert.deepEqual([line.fault, line.phase], [faultOf(code), phase]);
  const times = Object.entries(line).filter(([name, value]) => name.endsWith('_ms') && value !== null);
  const sum = times.reduce((total, [, value]) => total + Number(value), 0);
  assert.ok(Math.abs(sum - line.response_time) <= 1, `${sum} and ${line.response_time}`);
  const logged = await until(
    'a line of the application log',
    () => program.log.find((entry) => entry['code'] === code && entry['request_id'] === line.request_id) ?? null,
  );
  const level = errorEntry(code).level === 'error' ? 'ERROR' : 'DEBUG';
  assert.deepEqual([logged.level, logged['fault'], logged['phase']], [level, line.fault, line.phase]);
  return line;
}

/** How often a program counted a failure; -1 when it does not show the code. */
export function countOf(metrics: Metrics, code: ErrorCode): number {
  return metrics.get(`rwwwrse_failures_total{code="${code}",fault="${faultOf(code)}"}`) ?? -1;
}
