import { type ErrorCode, type ErrorSource, errorEntry } from './catalogue.ts';

/** The side at fault, in the words of operators: logs, metrics and commands say these. */
export type Fault = 'client' | 'backend' | 'proxy';

const FAULTS: Readonly<Record<ErrorSource, Fault>> = { downstream: 'client', upstream: 'backend', internal: 'proxy' };

/** The side at fault of a failure. */
export function faultOf(code: ErrorCode): Fault {
  return FAULTS[errorEntry(code).source];
}
