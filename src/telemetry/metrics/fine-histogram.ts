import { DURATION_BUCKETS } from './families.ts';

/** Pieces of equal width into which every bucket is divided. */
const PIECES = 8;
/** Bounds of the whole buckets in seconds; the first ones are those that are exposed, so that one histogram serves both. */
const WHOLE: readonly number[] = [...DURATION_BUCKETS, 30, 60, 120];
const FINITE = WHOLE.length * PIECES;
/** Slot of values above the last bound, and of the sum of seconds. */
export const FINE_INFINITE: number = FINITE;
export const FINE_SUM: number = FINITE + 1;
/** Slots of a fine histogram. */
export const FINE_SLOTS: number = FINITE + 2;

/** Slot that counts a duration: the least upper bound that is not below it. */
export function fineSlotOf(seconds: number): number {
  let whole = 0;
  while (whole < WHOLE.length && seconds > (WHOLE[whole] as number)) whole++;
  if (whole === WHOLE.length) return FINE_INFINITE;
  const low = whole === 0 ? 0 : (WHOLE[whole - 1] as number);
  const piece = Math.ceil(((seconds - low) * PIECES) / ((WHOLE[whole] as number) - low)) - 1;
  return whole * PIECES + Math.min(PIECES - 1, Math.max(0, piece));
}

/** Upper bound of a slot in seconds; infinite for {@link FINE_INFINITE}. */
export function fineBoundOf(slot: number): number {
  const whole = Math.floor(slot / PIECES);
  if (whole >= WHOLE.length) return Infinity;
  const low = whole === 0 ? 0 : (WHOLE[whole - 1] as number);
  return low + (((WHOLE[whole] as number) - low) * ((slot % PIECES) + 1)) / PIECES;
}

/** Counts of the exposed buckets, not added up: {@link DURATION_BUCKETS} and +Inf. */
export function coarseCounts(fine: ArrayLike<number>): number[] {
  const counts = Array.from({ length: DURATION_BUCKETS.length + 1 }, () => 0);
  for (let slot = 0; slot <= FINE_INFINITE; slot++) {
    const bucket = Math.min(DURATION_BUCKETS.length, Math.floor(slot / PIECES));
    counts[bucket] = (counts[bucket] as number) + (fine[slot] as number);
  }
  return counts;
}

/**
 * Estimate of a quantile, interpolated within its slot, which is an eighth of a bucket; NaN without any value, the highest
 * finite bound (120 s) when it lies above that.
 *
 * @param fine counts per slot, sums and what follows ignored
 */
export function fineQuantile(fine: ArrayLike<number>, quantile: number): number {
  let total = 0;
  for (let slot = 0; slot <= FINE_INFINITE; slot++) total += fine[slot] as number;
  if (total === 0) return NaN;
  const rank = quantile * total;
  let below = 0;
  for (let slot = 0; slot < FINE_INFINITE; slot++) {
    const count = fine[slot] as number;
    if (count > 0 && below + count >= rank) {
      const low = slot === 0 ? 0 : fineBoundOf(slot - 1);
      return low + ((fineBoundOf(slot) - low) * (rank - below)) / count;
    }
    below += count;
  }
  return fineBoundOf(FINE_INFINITE - 1);
}
