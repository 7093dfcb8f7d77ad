import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { allCommands, runCommandLine } from './command-line.ts';
import { commandTree } from './command-tree.ts';
import type { CommandOutcome } from './outcome.ts';
import { colourStyle, plainStyle } from './text/style.ts';

const ENV = { RWWWRSE_DEFAULT_BACKEND: 'http://127.0.0.1:9' };

async function run(args: readonly string[], env: Record<string, string> = ENV): Promise<CommandOutcome> {
  const outcome = await runCommandLine(args, { env, style: plainStyle }, undefined);
  assert.ok(typeof outcome !== 'number', 'it served');
  return outcome;
}

function fileOf(context: TestContext, lines: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const WRONG: readonly (readonly [args: string, message: string])[] = [
  ['statsu', 'unknown command "statsu"; did you mean status? (see rwwwrse --help)'],
  ['zebra', 'unknown command "zebra" (see rwwwrse --help)'],
  ['--confg a', "unknown option '--confg'; did you mean --config? (see rwwwrse --help)"],
  ['--config', "option '-c, --config <file>' argument missing (see rwwwrse --help)"],
  ['help statsu', 'unknown command "statsu"; did you mean status? (see rwwwrse --help)'],
  ['help config shw', 'unknown command "shw"; did you mean show? (see rwwwrse config --help)'],
  ['config shw', "unknown command 'shw'; did you mean show? (see rwwwrse config --help)"],
  ['config show --chaned', "unknown option '--chaned'; did you mean --changed? (see rwwwrse config show --help)"],
  ['explain GET', "missing required argument 'url' (see rwwwrse explain --help)"],
  [
    'explain GET a.test/x',
    '"a.test/x" is not an http or https URL; did you mean http://a.test/x? (see rwwwrse explain --help)',
  ],
  [
    'explain G\nT http://a',
    '"G\\nT" is not a method; write one such as GET before the URL (see rwwwrse explain --help)',
  ],
  ['explain GET http://a -H x', `"x" is not a field; write 'name: value' (see rwwwrse explain --help)`],
  ['explain GET http://a --from a', '"a" is not an IP address (see rwwwrse explain --help)'],
  ['status --sample 1x', '--sample "1x" is not a duration from 0s to 10m (see rwwwrse status --help)'],
  ['--dry-run', '--dry-run goes with --config-check (see rwwwrse --help)'],
  ['--json', '--json goes with --config-check, --version or a command (see rwwwrse --help)'],
  ['--config-check status', '--config-check does not go with a command (see rwwwrse --help)'],
];

test('a wrong command line: one line that names what was near and where help is, status 2, no output', async () => {
  for (const [args, message] of WRONG) {
    assert.deepEqual(await run(args.split(' ')), { status: 2, stdout: '', stderr: `rwwwrse: ${message}\n` }, args);
  }
});

test('words too many are refused, not ignored', async () => {
  for (const args of [
    ['config', 'show', 'x'],
    ['config', 'diff', 'a', 'b', 'c'],
    ['status', 'x'],
    ['completion', 'bash', 'x'],
  ]) {
    const { status, stderr } = await run(args);
    assert.deepEqual([status, stderr.split('\n').length], [2, 2], stderr);
    assert.match(stderr, /too many arguments/);
  }
});

test('every command has help with examples and the meaning of its exit status, and --json where it prints', async () => {
  for (const command of allCommands(commandTree(() => undefined))) {
    const path = [];
    for (let each = command; each.parent !== null; each = each.parent) path.unshift(each.name());
    const { status, stdout, stderr } = await run([...path, '--help']);
    assert.deepEqual([status, stderr], [0, '']);
    if (path[0] === 'help' || path.join(' ') === 'config') continue;
    for (const part of [/\nExamples:\n {2}\S/, /\nExit status:\n {2}0 .*\n {2}1 .*\n {2}2 /, / --json /])
      assert.match(stdout, part, path.join(' '));
  }
});

test('help COMMAND is COMMAND --help', async () => {
  for (const path of [[], ['status'], ['config'], ['config', 'show']])
    assert.deepEqual(await run(['help', ...path]), await run([...path, '--help']));
});

test('a group of commands alone shows its help and is wrong usage', async () => {
  const { status, stdout, stderr } = await run(['config']);
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /^Usage: rwwwrse config /);
});

test('--version needs no configuration, beside other options too', async () => {
  const broken = { RWWWRSE_PORT: 'x' };
  assert.deepEqual(await run(['--version', '--config', '/none'], broken), {
    status: 0,
    stdout: 'rwwwrse 1.0.0\n',
    stderr: '',
  });
  assert.equal(JSON.parse((await run(['-V', '--json'], broken)).stdout).version, '1.0.0');
});

test('--config-check: every finding with its place, the last line counts; --validate-config is the same', async (context) => {
  const file = fileOf(context, ['port: x', 'log: { levl: info }', 'idle_timeout: soon']);
  const checked = await run(['--config-check', '--config', file], { RWWWRSE_NONSENSE: '1' });
  const lines = checked.stdout.trimEnd().split('\n');
  assert.equal(checked.status, 1);
  assert.equal(lines.at(-1), 'configuration refused: 3 errors, 1 warning');
  assert.equal(lines.length, 5);
  for (const place of [`(${file}:1:`, `(${file}:2:`, `(${file}:3:`])
    assert.equal(lines.slice(1, 4).filter((line) => line.includes(place)).length, 1, place);
  assert.match(lines[0] ?? '', /^warning: RWWWRSE_NONSENSE: /);
  assert.deepEqual(await run(['--validate-config', '-c', file], { RWWWRSE_NONSENSE: '1' }), checked);
});

test('--config-check of a sound configuration: status 0 and one line', async () => {
  const sound = { status: 0, stdout: 'configuration ok: no findings\n', stderr: '' };
  assert.deepEqual(await run(['--config-check']), sound);
  assert.deepEqual(await run(['--config-check', '--dry-run']), sound);
});

test('--config-check says when a start would only show the demo', async () => {
  const { status, stderr } = await run(['--config-check'], {});
  assert.equal(status, 0);
  assert.match(stderr, /^rwwwrse: notice: no backend is configured: .*demo backends\n$/);
});

const TESTED = [
  'routes:',
  '  api: { host: a.test, path: /api, target: "http://127.0.0.1:9" }',
  'tests:',
  '  - { request: "GET http://a.test/api/x", route: api }',
  '  - { request: "GET http://a.test/other", route: api }',
];

test("--config-check runs the configuration's own tests, with --dry-run or without; one that fails is an error at its place", async (context) => {
  const file = fileOf(context, TESTED);
  const { status, stdout } = await run(['--config-check', '--dry-run', '--config', file], {});
  assert.equal(status, 1);
  assert.match(stdout, /^error: tests\[1\] \(.*config\.yaml:5:\d+\): GET http:\/\/a\.test\/other takes /m);
  assert.match(stdout, /\nconfiguration refused: 1 error; 2 tests, 1 failed\n$/);
  assert.equal((await run(['--config-check', '--config', file], {})).stdout, stdout);
});

test('--config-check --json is one document', async (context) => {
  const file = fileOf(context, TESTED);
  const { status, stdout } = await run(['--config-check', '--dry-run', '--json', '--config', file], {});
  const { ok, errors, warnings, tests } = JSON.parse(stdout) as Record<string, unknown[]>;
  assert.deepEqual([status, ok, errors?.length, warnings], [1, false, 1, []]);
  assert.deepEqual(
    (tests as { request: string; ok: boolean }[]).map((each) => [each.request, each.ok]),
    [
      ['GET http://a.test/api/x', true],
      ['GET http://a.test/other', false],
    ],
  );
});

test('config show: every value with its origin; --changed only what somebody set; options before the command count', async (context) => {
  const file = fileOf(context, [
    'idle_timeout: 60s',
    'load_balancer: { sticky_cookie: c, sticky_secret: geheim-geheim-geheim-geheim-0 }',
  ]);
  const all = await run(['config', 'show', '--config', file], { RWWWRSE_LOG_LEVEL: 'warn' });
  assert.match(all.stdout, /^KEY +VALUE +ORIGIN +CHANGED BY\n/);
  assert.match(all.stdout, /^port +8080 +default +restart$/m);
  const changed = await run(['--config', file, 'config', 'show', '--changed'], { RWWWRSE_LOG_LEVEL: 'warn' });
  const keys = changed.stdout.split('\n').map((line) => line.split(/ {2,}/));
  assert.deepEqual(
    keys.filter(([key]) => key === 'idle_timeout' || key === 'log.level').map((cells) => cells.slice(0, 3)),
    [
      ['idle_timeout', '1m0s', `${file}:1:1`],
      ['log.level', 'warn', 'RWWWRSE_LOG_LEVEL'],
    ],
  );
  assert.equal(/^port /m.test(changed.stdout), false);
  for (const { stdout, stderr } of [all, changed]) assert.equal(/geheim/.test(stdout + stderr), false);
});

test('config diff: changes in words with what they need; the environment covers both files', async (context) => {
  const before = fileOf(context, ['port: 8001', 'timeout: 5s', 'idle_timeout: 60s']);
  const after = fileOf(context, ['port: 8002', 'timeout: 6s', 'idle_timeout: 61s']);
  const { status, stdout } = await run(['config', 'diff', before, after], { ...ENV, RWWWRSE_IDLE_TIMEOUT: '9s' });
  assert.equal(status, 0);
  assert.match(stdout, /^port +8001 → 8002 +restart\ntimeout +5s → 6s +reload\n2 changes: some need a restart\n$/m);
  assert.equal((await run(['config', 'diff', before, before])).stdout, 'no difference\n');
  const json = JSON.parse((await run(['config', 'diff', before, after, '--json'])).stdout) as Record<string, unknown>;
  assert.deepEqual([json['needsRestart'], (json['changes'] as unknown[]).length], [true, 3]);
});

test('a command that needs a configuration and gets a refused one: every error, status 1, JSON if asked for', async () => {
  const env = { RWWWRSE_PORT: 'x', RWWWRSE_LOG_LEVEL: 'loud' };
  for (const args of [
    ['config', 'show'],
    ['explain', 'GET', 'http://a/'],
    ['status'],
    ['config', 'diff', '/dev/null', '/dev/null'],
  ]) {
    const { status, stdout, stderr } = await run(args, env);
    assert.deepEqual([status, stdout, stderr.split('\n').length], [1, '', 3], stderr);
    for (const line of stderr.trimEnd().split('\n')) assert.match(line, /^rwwwrse: error: \S+ \(RWWWRSE_/);
    const json = JSON.parse((await run([...args, '--json'], env)).stdout) as Record<string, unknown[]>;
    assert.deepEqual([json['ok'], json['errors']?.length], [false, 2]);
  }
});

test('explain: the route that takes a request, its fields, a refusal with status 1', async (context) => {
  const file = fileOf(context, [
    'routes:',
    '  beta: { host: a.test, headers: { x-beta: "1" }, target: "http://127.0.0.1:9" }',
    '  web: { host: a.test, target: "http://127.0.0.1:8" }',
  ]);
  const asked = async (...rest: string[]): Promise<CommandOutcome> => run(['explain', ...rest, '--config', file], {});
  assert.match(
    (await asked('GET', 'http://a.test/')).stdout,
    /answer +proxied by route web to http:\/\/127\.0\.0\.1:8\n/,
  );
  assert.match((await asked('GET', 'http://a.test/', '-H', 'X-Beta: 1')).stdout, /answer +proxied by route beta /);
  const refused = await asked('GET', 'http://b.test/');
  assert.deepEqual([refused.status, /refused with 404/.test(refused.stdout)], [1, true]);
  const json = JSON.parse((await asked('GET', 'http://a.test/', '--json')).stdout) as Record<string, unknown>;
  assert.equal(json['route'], 'web');
});

test('colours reach the result and never the remarks', async () => {
  const outcome = await runCommandLine(['--config-check'], { env: { RWWWRSE_PORT: 'x' }, style: colourStyle }, 80);
  assert.ok(typeof outcome !== 'number');
  assert.equal(outcome.stdout.includes('\u001b[31merror'), true);
  const refused = await runCommandLine(['config', 'show'], { env: { RWWWRSE_PORT: 'x' }, style: colourStyle }, 80);
  assert.ok(typeof refused !== 'number');
  assert.equal(refused.stderr.includes('\u001b'), false);
});
