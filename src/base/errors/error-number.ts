import { CATALOGUE, type ErrorCode } from './catalogue.ts';

/** All codes, in the order of the catalogue. */
export const ERROR_CODES: readonly ErrorCode[] = Object.keys(CATALOGUE) as ErrorCode[];

const NUMBERS: ReadonlyMap<ErrorCode, number> = new Map(ERROR_CODES.map((code, index) => [code, index]));

/**
 * Place of a code in {@link ERROR_CODES}, for shared memory. It holds for one run of the program, whose threads are all of the
 * same build, and is never written to a file or sent.
 */
export function errorNumber(code: ErrorCode): number {
  return NUMBERS.get(code) as number;
}
