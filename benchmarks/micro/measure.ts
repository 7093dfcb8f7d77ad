const WARM_UP_MS = 200;
const ROUNDS = 7;
const ROUND_MS = 150;
const BATCH = 1_000;

/** Prints nanoseconds per call of `run`: the median round and the range, after a warm-up that lets the compiler settle. */
export function measure(name: string, run: () => unknown): void {
  runFor(WARM_UP_MS, run);
  const rounds = Array.from({ length: ROUNDS }, () => runFor(ROUND_MS, run)).toSorted((a, b) => a - b);
  const median = rounds[ROUNDS >> 1] as number;
  const range = `${(rounds[0] as number).toFixed(0)} to ${(rounds.at(-1) as number).toFixed(0)}`;
  process.stdout.write(`${name.padEnd(56)} ${median.toFixed(1).padStart(9)} ns  (${range})\n`);
}

/** Keeps results alive, so that no call can be optimised away. */
export const sink: { last: unknown } = { last: null };

function runFor(limitMs: number, run: () => unknown): number {
  const start = performance.now();
  let calls = 0;
  let elapsed = 0;
  while (elapsed < limitMs) {
    for (let i = 0; i < BATCH; i++) sink.last = run();
    calls += BATCH;
    elapsed = performance.now() - start;
  }
  return (elapsed * 1e6) / calls;
}
