const SIZE = /^(\d{1,16})(B|KB|MB|GB|KIB|MIB|GIB)?$/;
const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KB', 1_000],
  ['MB', 1_000_000],
  ['GB', 1_000_000_000],
  ['KIB', 1_024],
  ['MIB', 1_048_576],
  ['GIB', 1_073_741_824],
]);

/**
 * Bytes of a size (SPEC A.0): a bare integer is bytes; `KB`, `MB`, `GB` are powers of 1000 and `KiB`, `MiB`, `GiB`
 * powers of 1024, in any case and without a blank before them.
 *
 * @returns null for anything else (fractions and signs included) and for what is no safe integer
 */
export function parseByteSize(text: string): number | null {
  const match = SIZE.exec(text.toUpperCase());
  if (match === null) return null;
  const bytes = Number(match[1]) * (UNIT_BYTES.get(match[2] ?? 'B') as number);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** A size in the largest power-of-1024 unit that divides it: `64KiB`, `1MiB`, `1000B`. */
export function formatByteSize(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 1_073_741_824],
    ['MiB', 1_048_576],
    ['KiB', 1_024],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}
