const BARE_SECONDS = /^\d{1,15}$/;
const NUMBER = String.raw`(\d{1,15})(?:\.(\d{1,9}))?`;
const GO_STYLE = new RegExp(`^(?:${NUMBER}h)?(?:${NUMBER}m)?(?:${NUMBER}s)?(?:${NUMBER}ms)?$`);
const UNIT_MS = [3_600_000, 60_000, 1_000, 1] as const;

/**
 * Milliseconds of a duration in Go's notation (SPEC A.0): `300ms`, `30s`, `1.5h`, `1h30m`, `720h`; a bare integer is
 * seconds. Stricter than Go: units in falling order, each at most once, no sign, no blank, nothing finer than a
 * millisecond.
 *
 * @returns null for anything else, and for what is no whole number of milliseconds or no safe integer
 */
export function parseDuration(text: string): number | null {
  if (BARE_SECONDS.test(text)) return safe(Number(text) * 1_000);
  const match = text === '' ? null : GO_STYLE.exec(text);
  if (match === null) return null;
  let totalMs = 0;
  for (const [index, unitMs] of UNIT_MS.entries()) {
    const [whole = '0', fraction = ''] = match.slice(2 * index + 1, 2 * index + 3);
    totalMs += Number(whole) * unitMs + fractionMs(fraction, unitMs);
  }
  return safe(totalMs);
}

/**
 * A duration in Go's notation: `25h0m15s`, `1m1.5s`, `15s`, `300ms`, `0s` (SPEC B, uptime). Parts of a millisecond
 * are rounded; a negative duration gets a leading `-`.
 */
export function formatDuration(durationMs: number): string {
  const wholeMs = Math.round(Math.abs(durationMs));
  const sign = durationMs < 0 && wholeMs > 0 ? '-' : '';
  if (wholeMs > 0 && wholeMs < 1_000) return `${sign}${wholeMs}ms`;
  const hours = Math.floor(wholeMs / 3_600_000);
  const minutes = Math.floor(wholeMs / 60_000) % 60;
  const seconds = (wholeMs % 60_000) / 1_000;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}

/** Digits first and then one division: 1.001 * 1000 is 1000.9999999999999 in floating point. */
function fractionMs(digits: string, unitMs: number): number {
  return (Number(digits) * unitMs) / 10 ** digits.length;
}

function safe(valueMs: number): number | null {
  return Number.isSafeInteger(valueMs) ? valueMs : null;
}
