import assert from 'node:assert/strict';
import test from 'node:test';
import { rootCertificates } from 'node:tls';

import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { checkTraffic } from '../../src/controlplane/explain/check.ts';
import type { CodeBlock } from './markdown.ts';
import { codeBlocks, readPages } from './markdown.ts';

/** Files that examples name, by the end of their names. */
const NAMED_FILES: Readonly<Record<string, string>> = {
  '.key': 'a-key-of-sixteen-characters',
  '.html': '<p>Sorry</p>',
  '.pem': rootCertificates[0] as string,
};

/**
 * Configurations in the documents: every block marked `yaml` or `yaml file NAME`, and what shell commands write into YAML files.
 * YAML of other programs has another mark, such as `yaml traefik`.
 */
const examples = readPages().flatMap((page) =>
  codeBlocks(page.text)
    .flatMap(configurationsIn)
    .map((text, i) => ({ title: `${page.path}, example ${i + 1}`, text })),
);

function configurationsIn({ kind, text }: CodeBlock): string[] {
  if (/^yaml(?: file \S+)?$/.test(kind)) return [text];
  const written = /^cat > \S+\.yaml <<'YAML'\n(.*?)^YAML$/gms;
  return kind === 'sh run' ? Array.from(text.matchAll(written), ([, yaml = '']) => yaml) : [];
}

test('the documents have examples of configurations', () => assert.ok(examples.length >= 40));

for (const { title, text } of examples) {
  test(`${title}: is a sound configuration whose routing tests pass`, async () => {
    const readFile = (path: string): string => {
      if (path === 'config.yaml') return text;
      const named = Object.entries(NAMED_FILES).find(([end]) => path.endsWith(end));
      if (named !== undefined) return named[1];
      throw Object.assign(new Error(path), { code: 'ENOENT' });
    };
    const loaded = loadConfig({ flags: { configFile: 'config.yaml' }, env: {}, readFile });
    const problems = 'problems' in loaded ? loaded.problems : await checkTraffic(loaded.config);
    assert.deepEqual([...problems, ...loaded.warnings].map(formatProblem), []);
  });
}
