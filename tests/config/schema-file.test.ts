import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { parse } from 'yaml';

import { KEYS, ROUTE_KEY_ENTRIES } from '../../src/config/keys.ts';
import { CASE_NAMES, caseFile, caseHas, loadCase } from './cases.ts';
import { violations } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';

const SCHEMA = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../schema/rwwwrse.schema.json'), 'utf8'),
) as JsonSchema;
/** Accepted files that editors mark, as they are not written as the reference page says: older spellings, other letters, a bare list. */
const MARKED: ReadonlySet<string> = new Set([
  'alias-conflicts',
  'aliases-in-yaml',
  'backends-routes-in-yaml',
  'routes-file-of-older-examples',
  'routes-file-with-new-keys',
  'routes-file',
  'routes-list',
]);

const FILES = CASE_NAMES.filter((name) => caseHas(name, 'config.yaml'));

test('every file that is accepted and written as documented is valid for editors', () => {
  let count = 0;
  for (const name of FILES) {
    if (!('config' in loadCase(name)) || MARKED.has(name)) continue;
    const content: unknown = parse(readFileSync(caseFile(name, 'config.yaml'), 'utf8').replace(/^\uFEFF/, '')) ?? {};
    assert.deepEqual(violations(SCHEMA, content), [], name);
    count += 1;
  }
  assert.ok(count > 30, String(count));
});

test('editors mark mistakes of every kind', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['prot: 80', '.prot: unknown'],
    ['port: 70000', '.port: maximum'],
    ['read_timeout: soon', '.read_timeout: pattern'],
    ['max_header_bytes: 5 parsecs', '.max_header_bytes: pattern'],
    ['log: {level: loud}', '.log.level: enum "loud"'],
    ['half_close: maybe', '.half_close: enum "maybe"'],
    ['listeners: [{name: a}]', '.listeners[0]: no address'],
    ['tests: [{route: a}]', '.tests[0]: no request'],
    ['config_file: a.yaml', '.config_file: unknown'],
    ['load_balancer: {sticky_secret: short}', '.load_balancer.sticky_secret: minLength'],
  ];
  for (const [text, violation] of wrong) assert.deepEqual(violations(SCHEMA, parse(text)), [violation], text);
  const route = violations(SCHEMA, parse('routes: {a: {target: "http://a", redirect: {status: 200}, targt: x}}'));
  assert.ok(route.includes('.routes.a.redirect.status: enum 200') && route.includes('.routes.a.targt: unknown'));
});

test('every key has a place and a description in the schema', () => {
  const map = (SCHEMA.properties?.['routes']?.anyOf?.[0]?.additionalProperties ?? {}) as JsonSchema;
  const places = [
    ...KEYS.filter(({ key }) => key !== 'config_file').map(({ key }) => [SCHEMA, key] as const),
    ...ROUTE_KEY_ENTRIES.map(({ key }) => [map, key] as const),
  ];
  for (const [root, key] of places) {
    const part = key.split('.').reduce<JsonSchema | undefined>((schema, name) => schema?.properties?.[name], root);
    assert.ok(part !== undefined && 'description' in part, key);
  }
});
