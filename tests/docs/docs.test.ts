import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import test from 'node:test';

import { CATALOGUE } from '../../src/base/errors/catalogue.ts';
import { envNameOf, keyOfEnvName } from '../../src/config/aliases.ts';
import { isIgnoredName } from '../../src/config/ignored-names.ts';
import { routeKeyOfEnvName } from '../../src/config/layers/route-names.ts';
import { loadConfig } from '../../src/config/load.ts';
import { CHECKS_VARIABLE, checkKeyOfEnvName } from '../../src/config/layers/check-names.ts';
import { CONFIG_KEYS } from '../../src/config/schema.ts';
import type { Page } from './markdown.ts';
import { anchorsOf, cellsOf, codeBlocks, linksOf, readPage, readPages, ROOT, sectionOf } from './markdown.ts';
import { takeTour } from './tour.ts';

const pages = readPages();

test('every relative link leads to a file, and to a heading of it', () => {
  const broken = pages.flatMap((page) =>
    linksOf(page)
      .filter((link) => !/^[a-z]+:/.test(link) && !leads(page, link))
      .map((link) => `${page.path}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

function leads(page: Page, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page.path : posix.join(dirname(page.path), path);
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(readPage(target)).has(anchor);
}

test('every decision record is in the index, with its title', () => {
  const index = readPage('docs/adr/README.md').text;
  const records = pages.filter(({ path }) => /^docs\/adr\/\d{4}-/.test(path));
  assert.ok(records.length > 0);
  for (const { path, text } of records) {
    const [, number = '', title = ''] = /^# (\d{4}) (.+)$/m.exec(text) ?? [];
    assert.equal(posix.basename(path).slice(0, 4), number, path);
    assert.ok(index.includes(`| [${number}](${posix.basename(path)}) | ${title} |`), path);
  }
});

test('every variable that a page names is known to the configuration', () => {
  const unknown = pages.flatMap(({ path, text }) =>
    Array.from(text.matchAll(/RWWWRSE_[A-Z0-9_]*(?:<NAME>)?[A-Z0-9_]*/g), ([name]) => name.replace('<NAME>', 'NAME'))
      .filter((name) => name !== 'RWWWRSE_' && !isKnownVariable(name))
      .map((name) => `${path}: ${name}`),
  );
  assert.deepEqual(unknown, []);
});

function isKnownVariable(name: string): boolean {
  const known = keyOfEnvName(name) ?? routeKeyOfEnvName(name) ?? checkKeyOfEnvName(name);
  return known !== undefined || name === CHECKS_VARIABLE || isIgnoredName(name.slice('RWWWRSE_'.length), '');
}

test('the keys in the README have the variables and the defaults that the table says', () => {
  const defaults = configOf({});
  const rows = sectionOf(readPage('README.md'), 'Configuration in short')
    .split('\n')
    .flatMap((line) => [(cellsOf(line) ?? []).map((cell) => cell.replaceAll('`', ''))])
    .filter(([key = '']) => CONFIG_KEYS.has(key));
  assert.ok(rows.length > 15);
  for (const [key = '', variable = '', value = ''] of rows) {
    assert.equal(variable, envNameOf(key));
    assert.deepEqual(configOf(value === 'none' ? {} : { [variable]: value }), defaults, key);
  }
});

function configOf(env: Record<string, string>): unknown {
  const readFile = (path: string): never => {
    throw Object.assign(new Error(path), { code: 'ENOENT' });
  };
  const loaded = loadConfig({ flags: {}, env, readFile });
  assert.ok('config' in loaded, JSON.stringify(loaded));
  return loaded.config;
}

test('every error code that a page names beside a status has that status', () => {
  const statuses = new Map<string, number>(Object.entries(CATALOGUE).map(([code, { status }]) => [code, status]));
  const named = pages
    .filter(({ path }) => path.startsWith('docs/') && !path.startsWith('docs/adr/'))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line) => codesIn(line).map((found) => ({ path, ...found }))),
    );
  assert.ok(named.length > 60);
  for (const { path, code, allowed } of named) {
    assert.ok(allowed.includes(String(statuses.get(code))), `${path}: ${code} beside ${allowed.join(', ')}`);
  }
});

/** Codes behind their status in a sentence, and in the cell of a table row that follows the cell of the status. */
function codesIn(line: string): { code: string; allowed: readonly string[] }[] {
  const cells = cellsOf(line) ?? [];
  const statusCell = cells.findIndex((cell) => /^\d{3}(?: or \d{3})?$/.test(cell));
  const inTable = statusCell < 0 ? '' : `${cells[statusCell - 1] ?? ''} ${cells[statusCell + 1] ?? ''}`;
  const tableCodes = Array.from(inTable.matchAll(/`([a-z]\w+)`/g), ([, code = '']) => code);
  const inText = Array.from(line.matchAll(/\b(\d{3}) `([a-z]\w+)`/g), ([, status = '', code = '']) => ({
    code,
    allowed: [status],
  }));
  const allowed = (cells[statusCell] ?? '').split(' or ');
  return [...inText, ...tableCodes.filter((code) => code in CATALOGUE).map((code) => ({ code, allowed }))];
}

test('every command of the README works as it is printed', { timeout: 60_000 }, async (context) => {
  const blocks = codeBlocks(sectionOf(readPage('README.md'), 'A tour of one minute'));
  assert.ok(blocks.filter(({ kind }) => kind === 'sh run').length >= 5);
  await takeTour(context, blocks);
});
