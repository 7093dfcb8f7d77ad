import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkTree } from './check-layers.ts';

type Tree = Readonly<Record<string, string>>;

/** A source that imports the given paths, each from the depth of `src/<layer>/`. */
function importing(...specifiers: readonly string[]): string {
  return specifiers.map((specifier, index) => `import { a${index} } from '${specifier}';\n`).join('');
}

function problemsOf(tree: Tree): readonly string[] {
  return checkTree(new Map(Object.entries(tree))).problems;
}

function assertProblem(tree: Tree, expected: RegExp): void {
  const problems = problemsOf(tree);
  assert.equal(problems.length, 1, problems.join('\n'));
  assert.match(problems[0] ?? '', expected);
}

function assertClean(tree: Tree): void {
  assert.deepEqual(problemsOf(tree), []);
}

describe('layers', () => {
  const order = ['base', 'config', 'shared-memory', 'telemetry', 'controlplane', 'app', 'cli'];
  for (const [index, lower] of order.entries()) {
    const upper = order[index + 1];
    if (upper === undefined) continue;
    it(`lets ${upper} import ${lower} and not the other way round`, () => {
      assertClean({ [`src/${upper}/x.ts`]: importing(`../${lower}/y.ts`) });
      assertProblem({ [`src/${lower}/y.ts`]: importing(`../${upper}/x.ts`) }, new RegExp(`${lower} is below ${upper}`));
    });
  }

  it('keeps telemetry and state apart', () => {
    assertProblem({ 'src/telemetry/x.ts': importing('../state/y.ts') }, /telemetry and state do not know each other/);
    assertProblem({ 'src/state/x.ts': importing('../telemetry/y.ts') }, /state and telemetry do not know each other/);
  });

  for (const upper of ['controlplane', 'app', 'cli']) {
    it(`keeps dataplane from importing ${upper}, types included`, () => {
      assertProblem(
        { 'src/dataplane/worker/x.ts': `import type { A } from '../../${upper}/y.ts';` },
        /dataplane is below/,
      );
    });
  }

  it('lets dataplane take only types from config', () => {
    assertClean({ 'src/dataplane/router/x.ts': "import type { A } from '../../config/y.ts';" });
    assertClean({ 'src/dataplane/router/x.ts': "export type { A } from '../../config/y.ts';" });
    assertProblem({ 'src/dataplane/router/x.ts': "import { a } from '../../config/y.ts';" }, /only types from config/);
    assertProblem(
      { 'src/dataplane/router/x.ts': "import { type A } from '../../config/y.ts';" },
      /only types from config/,
    );
    assertProblem({ 'src/dataplane/router/x.ts': "await import('../../config/y.ts');" }, /only types from config/);
  });

  it('names an unknown folder instead of letting it pass', () => {
    assertProblem({ 'src/plumbing/x.ts': importing('../base/y.ts') }, /plumbing is not a known layer; known are base/);
    assertProblem(
      { 'src/dataplane/plumbing/x.ts': importing('../wire/y.ts') },
      /plumbing is not a known layer; known are wire/,
    );
  });

  it('keeps src from importing anything outside src', () => {
    assertProblem({ 'src/app/x.ts': importing('../../scripts/y.ts') }, /src\/ imports only src\//);
  });

  it('exempts test files, which nobody may import', () => {
    assertClean({ 'src/base/x.test.ts': importing('../app/y.ts', '../../tests/support/z.ts') });
    assertProblem({ 'src/app/x.ts': importing('../base/y.test.ts') }, /a test file is never imported/);
    assertProblem({ 'src/app/x.test.ts': importing('./y.test.ts') }, /a test file is never imported/);
  });

  it('tells file, line and target', () => {
    assertProblem(
      { 'src/base/x.ts': `// first\n${importing('../app/y.ts')}` },
      /^src\/base\/x\.ts:2: imports src\/app\/y\.ts: /,
    );
  });
});

describe('layers of the data plane', () => {
  const ranks = ['wire', 'exchange', 'router', 'proxy', 'pipeline', 'snapshot', 'worker'];
  for (const [index, lower] of ranks.entries()) {
    const upper = ranks[index + 1];
    if (upper === undefined) continue;
    it(`lets ${upper} import ${lower} and not the other way round`, () => {
      assertClean({ [`src/dataplane/${upper}/x.ts`]: importing(`../${lower}/y.ts`) });
      assertProblem(
        { [`src/dataplane/${lower}/y.ts`]: importing(`../${upper}/x.ts`) },
        new RegExp(`${lower} is below ${upper}`),
      );
    });
  }

  for (const [left, right] of [
    ['router', 'upstream'],
    ['upstream', 'listener'],
    ['listener', 'router'],
    ['filters', 'proxy'],
  ]) {
    it(`keeps ${left} and ${right} apart`, () => {
      assertProblem({ [`src/dataplane/${left}/a/x.ts`]: importing(`../../${right}/y.ts`) }, /do not know each other/);
      assertProblem({ [`src/dataplane/${right}/a/x.ts`]: importing(`../../${left}/y.ts`) }, /do not know each other/);
    });
  }

  it('keeps one filter from importing another, while order.ts and registry.ts know all', () => {
    assertProblem(
      { 'src/dataplane/filters/cors/x.ts': importing('../redirect/y.ts') },
      /a filter never imports another/,
    );
    assertClean({ 'src/dataplane/filters/cors/x.ts': importing('./y.ts') });
    assertClean({ 'src/dataplane/filters/registry.ts': importing('./cors/x.ts', './redirect/y.ts') });
  });
});

describe('import circles', () => {
  it('finds one of two files, type imports included', () => {
    assertProblem(
      { 'src/base/a.ts': importing('./b.ts'), 'src/base/b.ts': "import type { A } from './a.ts';" },
      /^import circle: src\/base\/a\.ts -> src\/base\/b\.ts -> src\/base\/a\.ts$/,
    );
  });

  it('finds a longer one, one through a re-export and a file that imports itself', () => {
    const threeFiles = {
      'src/base/a.ts': importing('./b.ts'),
      'src/base/b.ts': "export * from './c.ts';",
      'src/base/c.ts': importing('./a.ts'),
    };
    assertProblem(threeFiles, /a\.ts -> src\/base\/b\.ts -> src\/base\/c\.ts -> src\/base\/a\.ts$/);
    assertProblem({ 'src/base/a.ts': importing('./a.ts') }, /import circle/);
  });

  it('reports two circles that do not touch, and none where files are only shared', () => {
    const two = {
      'src/base/a.ts': './b.ts',
      'src/base/b.ts': './a.ts',
      'tests/c.ts': './d.ts',
      'tests/d.ts': './c.ts',
    };
    assert.equal(
      problemsOf(Object.fromEntries(Object.entries(two).map(([path, to]) => [path, importing(to)]))).length,
      2,
    );
    assertClean({
      'src/base/a.ts': importing('./b.ts', './c.ts'),
      'src/base/b.ts': importing('./c.ts'),
      'src/base/c.ts': '',
    });
  });
});

describe('reading imports', () => {
  const forms = {
    'over several lines': "import {\n  a,\n  b,\n} from '../app/y.ts';",
    'with a comment inside': "import { a /* } from */, // from 'x'\n b } from '../app/y.ts';",
    'of a namespace': "import * as y from '../app/y.ts';",
    'of a default and names': "import y, { z } from '../app/y.ts';",
    'of a default named type': "import type from '../app/y.ts';",
    'for side effects': "import '../app/y.ts';",
    'in double quotes': 'import { a } from "../app/y.ts";',
    'with attributes': "import y from '../app/y.json' with { type: 'json' };",
    'as a re-export': "export { a } from '../app/y.ts';",
    'as a re-export of all': "export * as y from '../app/y.ts';",
    'as a call': "const y = await import('../app/y.ts');",
    'as a type': "let y: import('../app/y.ts').Y;",
    'after a regular expression with a quote': "const r = /['\"`]/g;\nimport { a } from '../app/y.ts';",
    'after a regular expression with a backquote': "const r = /`/;\nimport { a } from '../app/y.ts';",
    'after a template with code in it': "const t = `${{ a: '`' }.a} ${`}`}`;\nimport { a } from '../app/y.ts';",
    'after a division': "const d = a / b;\nimport { a } from '../app/y.ts'; // '",
  };
  for (const [name, source] of Object.entries(forms)) {
    it(`sees one ${name}`, () => assertProblem({ 'src/base/x.ts': source }, /base is below app/));
  }

  const imposters = {
    'a line comment': "// import { a } from '../app/y.ts';",
    'a block comment': "/*\nimport { a } from '../app/y.ts';\n*/",
    'a string': 'const s = "import { a } from \'../app/y.ts\'";',
    'a template': "const s = `\nimport { a } from '../app/y.ts';\n`;",
    'a regular expression': "const r = /import '..\\/app\\/y.ts'/;",
  };
  for (const [name, source] of Object.entries(imposters)) {
    it(`does not take ${name} for an import`, () => assertClean({ 'src/base/x.ts': source }));
  }
});

describe('forbidden words', () => {
  it('lets only src/shared-memory name SharedArrayBuffer and Atomics, tests excepted', () => {
    for (const word of ['new SharedArrayBuffer(8)', 'Atomics.load(a, 0)']) {
      assertProblem({ 'src/telemetry/x.ts': `f(${word});` }, /only src\/shared-memory may name it/);
      assertClean({ 'src/shared-memory/x.ts': `f(${word});`, 'src/telemetry/x.test.ts': `f(${word});` });
    }
  });

  it('lets no blocking native call into the data plane', () => {
    assertProblem({ 'src/dataplane/worker/x.ts': "fs.readFileSync('x');" }, /readFileSync: a native call that blocks/);
    assertClean({ 'src/app/x.ts': "fs.readFileSync('x');", 'src/dataplane/worker/x.ts': '// never readFileSync here' });
  });

  it('lets only the configuration and the entry read the environment', () => {
    const forms = ['process.env', 'const { env } = process;', "import { env } from 'node:process';", 'process?.env'];
    for (const form of forms) {
      assertProblem({ 'src/app/x.ts': form }, /only src\/config and src\/cli\/main\.ts read the environment/);
      assertClean({ 'src/config/x.ts': form, 'src/cli/main.ts': form, 'scripts/x.mjs': form });
    }
    assertClean({ 'src/app/x.ts': "import { env } from './y.ts';\nconst { env: other } = options;" });
  });

  it('lets only the wire name process.binding', () => {
    assertProblem({ 'src/dataplane/listener/x.ts': "process.binding('tcp_wrap');" }, /only src\/dataplane\/wire/);
    assertClean({ 'src/dataplane/wire/x.ts': "process.binding('tcp_wrap');" });
  });

  it('ignores comments and strings, and tells the line', () => {
    assertClean({ 'src/app/x.ts': "// process.env\nconst s = 'process.env';" });
    assertProblem({ 'src/app/x.ts': '\n\nf(process.env);' }, /^src\/app\/x\.ts:3: process\.env: /);
  });
});

describe('files and folders', () => {
  for (const name of ['utils', 'helpers', 'common', 'core', 'shared', 'types', 'interfaces', 'managers']) {
    it(`refuses a folder named ${name} at any depth, once`, () => {
      const folder = `src/base/${name}`;
      assertProblem({ [`${folder}/a.ts`]: '', [`${folder}/b.ts`]: '' }, new RegExp(`^${folder}/: `));
    });
  }

  it('refuses more than 400 lines and warns above 300', () => {
    assertProblem({ 'src/base/x.ts': 'a;\n'.repeat(401) }, /401 lines; at most 400/);
    for (const [lines, warnings] of [
      [400, 1],
      [301, 1],
      [300, 0],
    ] as const) {
      const findings = checkTree(new Map([['src/base/x.ts', 'a;\n'.repeat(lines)]]));
      assert.deepEqual([findings.problems.length, findings.warnings.length], [0, warnings]);
    }
  });
});
