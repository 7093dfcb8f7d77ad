let offsetMs = performance.timeOrigin;

/** Takes over the wall clock, which operators and NTP may set: `wallMs` of `Date.now` at `nowMs` of `performance.now`. */
export function adjustWallClock(wallMs: number, nowMs: number): void {
  offsetMs = wallMs - nowMs;
}

/** The wall clock in ms at `nowMs` of `performance.now`, without another look at a clock. */
export function wallAt(nowMs: number): number {
  return offsetMs + nowMs;
}
