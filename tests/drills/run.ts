import { parseArgs } from 'node:util';
import type { TestContext } from 'node:test';

import { runAborts } from './client-aborts.ts';

/** The long form of the abort drill: `node tests/drills/run.ts --aborts 100000`. Exits 1 when anything is left behind. */
const { values } = parseArgs({ options: { aborts: { type: 'string', default: '100000' } } });
const atEnd: (() => unknown)[] = [];
const context = { after: (end: () => unknown) => atEnd.push(end) } as unknown as TestContext;
try {
  const started = performance.now();
  const report = await runAborts(context, Number(values.aborts), (done) => {
    process.stderr.write(`${done} clients aborted\n`);
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(`${JSON.stringify({ ...report, seconds }, null, 2)}\n`);
} finally {
  for (const end of atEnd.toReversed()) await end();
}
