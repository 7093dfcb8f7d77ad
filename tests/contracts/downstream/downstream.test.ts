import test, { suite } from 'node:test';

import { ANSWER_CASES } from './answer-cases.ts';
import { FAILURE_CASES } from './failure-cases.ts';
import { LIMIT_CASES } from './limit-cases.ts';
import { H2C, HTTP1, HTTP1_STREAM, playContract } from './play.ts';
import type { ContractCase } from './stage.ts';
import { UPLOAD_CASES } from './upload-cases.ts';

const CASES: Readonly<Record<string, ContractCase>> = {
  ...ANSWER_CASES,
  ...UPLOAD_CASES,
  ...FAILURE_CASES,
  ...LIMIT_CASES,
};

for (const implementation of [HTTP1, HTTP1_STREAM, H2C]) {
  suite(`the downstream contract: ${implementation.name}`, () => {
    for (const [name, played] of Object.entries(CASES)) {
      test(name, { timeout: 30_000 }, (t) => playContract(t, implementation, played));
    }
  });
}
