import assert from 'node:assert/strict';
import test from 'node:test';

import { EXPLANATIONS } from '../../src/base/errors/explanations/explanations.ts';
import { CATALOGUE as METRICS } from '../../src/telemetry/metrics/catalogue.ts';
import { codeBlocks, readPage } from './markdown.ts';
import { takeTour } from './tour.ts';

test('every command of docs/failure-reasons.md shows what the page says', { timeout: 60_000 }, async (context) => {
  const blocks = codeBlocks(readPage('docs/failure-reasons.md').text);
  assert.ok(blocks.filter(({ kind }) => kind === 'sh run').length >= 6);
  await takeTour(context, blocks);
});

test('what to do about a failure names only keys, metrics and pages that exist', () => {
  const reference = readPage('docs/configuration-reference.md').text;
  const keys = new Set(Array.from(reference.matchAll(/^### `([^`]+)`$/gm), ([, key = '']) => key));
  const metrics = new Set(Object.values(METRICS).map(({ name }): string => name));
  const unknown = Object.entries(EXPLANATIONS).flatMap(([code, { meaning, advice }]) => {
    const named = Array.from(`${meaning} ${advice}`.matchAll(/`([a-z][a-z_]+(?:\.[a-z_]+)*)(?:[:{][^`]*)?`/g));
    return named.flatMap(([, name = '']) =>
      keys.has(name) || metrics.has(name) || OTHER_WORDS.has(name) ? [] : [`${code}: ${name}`],
    );
  });
  assert.deepEqual(unknown, []);
});

/** Phases, values, and what is not of this program. */
const OTHER_WORDS: ReadonlySet<string> = new Set(['chunked', 'upload', 'first_byte', 'net.ipv4.ip_local_port_range']);
