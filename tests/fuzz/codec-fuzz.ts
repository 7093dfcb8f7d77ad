/**
 * Compares the codec with llhttp on generated heads and bodies:
 *
 *     node tests/fuzz/codec-fuzz.ts --cases 1000000 --seed 1
 *
 * Prints figures, and for every kind of difference the smallest case that was found, in the form of a corpus file.
 */
import { parseArgs } from 'node:util';
import { compareCase } from './compare.ts';
import { corpusText } from './corpus.ts';
import { type FuzzSummary, runFuzz } from './run-fuzz.ts';

const PROGRESS_EVERY = 100_000;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  },
});
const cases = Number(values.cases);
const seed = Number(values.seed);
if (!Number.isSafeInteger(cases) || cases < 1 || !Number.isSafeInteger(seed)) {
  console.error('usage: codec-fuzz.ts [--cases NUMBER] [--seed NUMBER]');
  process.exit(2);
}
console.log(`codec fuzz: ${cases} cases, --seed ${seed}`);
const started = performance.now();
const summary = runFuzz(seed, cases, (done) => {
  if (done % PROGRESS_EVERY === 0) console.log(`${done} cases, ${((performance.now() - started) / 1000).toFixed(0)} s`);
});
print(summary);
process.exitCode = summary.findings.length === 0 ? 0 : 1;

function print(found: FuzzSummary): void {
  const refusals = [...found.refusedByCode.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${found.cases} cases, ${found.bytes} bytes, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  console.log(`heads accepted ${found.headsAccepted}, messages read to their end ${found.messagesCompleted}`);
  console.log(`cases refused ${refusals}, of which llhttp takes ${found.stricterThanLlhttp}`);
  console.log(`refused by code: ${counts(found.refusedByCode)}`);
  console.log(`listed differences: ${counts(found.knownDifferences)}`);
  console.log(`differences: ${found.findings.length}`);
  for (const { index, difference, smallest } of found.findings) {
    console.log(`\ncase ${index}: ${difference.what}\n${difference.detail}`);
    const { accepted, completed, refused } = compareCase(smallest);
    console.log(corpusText({ why: difference.what, expect: { accepted, completed, refused }, ...smallest }));
  }
}

function counts(map: ReadonlyMap<string, number>): string {
  const sorted = [...map].toSorted(([, a], [, b]) => b - a);
  return sorted.length === 0 ? 'none' : sorted.map(([key, count]) => `${key} ${count}`).join(', ');
}
