import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/**
 * Polls until `read` gives something else than null, undefined or false, and returns that.
 *
 * @param what named in the error when `deadlineMs` passes first
 */
export async function until<T>(
  what: string,
  read: () => T | Promise<T>,
  deadlineMs = 10_000,
): Promise<Exclude<T, null | undefined | false>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const value = await read();
    if (value !== null && value !== undefined && value !== false) return value as Exclude<T, null | undefined | false>;
    if (Date.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}

const STEADY_LOOKS = 12;

/** Polls until several looks in a row see the same value, and returns it: what moved has stopped. Null has not begun yet. */
export async function untilSteady<T extends string | number>(
  what: string,
  read: () => T | null,
  deadlineMs = 10_000,
): Promise<T> {
  let last: T | null = null;
  let looks = 0;
  const steady = await until(
    `${what} is steady`,
    () => {
      const value = read();
      looks = value === last ? looks + 1 : 0;
      last = value;
      return value !== null && looks >= STEADY_LOOKS ? { value } : null;
    },
    deadlineMs,
  );
  return steady.value;
}
