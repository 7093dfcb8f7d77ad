/**
 * Why an active check failed: stable codes, as logs and endpoints show them, with a text for everybody. The order is the number
 * in shared memory; all threads of a program run the same build.
 */
export const CHECK_FAILURES = {
  unresolved: 'The name has no address',
  connect_refused: 'The connection was refused',
  connect_failed: 'No connection could be made',
  connect_timeout: 'The connection took too long',
  tls_failed: 'The TLS handshake failed',
  answer_timeout: 'The answer took too long',
  answer_incomplete: 'The connection ended before the answer was complete',
  answer_invalid: 'The answer breaks its protocol',
  status_unexpected: 'The answer has another status than expected',
  body_unexpected: 'The answer does not hold the expected text',
  command_refused: 'The server refused the login or the command',
  package_missing: 'A package that the check needs is not installed',
  url_invalid: 'The URL of the check cannot be used',
} as const satisfies Readonly<Record<string, string>>;

/** Stable code of the reason of a failed check. */
export type CheckFailure = keyof typeof CHECK_FAILURES;

const CODES = Object.keys(CHECK_FAILURES) as readonly CheckFailure[];
const NUMBER_OF: ReadonlyMap<CheckFailure, number> = new Map(CODES.map((code, index) => [code, index]));

/** Number of a failure in shared memory. */
export function checkFailureNumber(code: CheckFailure): number {
  return NUMBER_OF.get(code) as number;
}

/** A failure in words, with its code; null for a number that none has. */
export function checkFailureText(number: number): string | null {
  const code = CODES[number];
  return code === undefined ? null : `${CHECK_FAILURES[code]} (${code})`;
}
