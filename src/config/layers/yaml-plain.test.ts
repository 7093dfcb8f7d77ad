import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { readAnyYaml } from './yaml-library.ts';
import { readPlainYaml } from './yaml-plain.ts';
import type { YamlContent } from './yaml-plain.ts';

/** Texts in the everyday form; each has to be read without the library. */
const EVERYDAY: readonly string[] = [
  'port: 8080\nlog: {level: debug}\n',
  '---\n# a comment\nroutes:\n  api:\n    host: api.example.com # why\n\n    target: http://10.0.0.1:8080/x?y=1\n  web: {target: "http://b:1", timeout: 5s}',
  'routes:\n- host: a\n  targets: [http://b:1, "http://c:2"]\n- {host: "*", target: \'http://d\'}\n',
  'routes:\n  - name: x\n    targets:\n      - url: http://b\n        weight: 3\n      - http://c\n    error_pages:\n      502: {text: "sorry, #1"}\n',
  '{\n  "port": 8080,\n  "routes": {"a":{"target":"http://b","methods":["GET","POST"],"empty":[],"none":{}}}\n}\n',
  'retry: {on: [connect, 503], multiplier: 1.5}\na: ~\nb: null\nc: true\nd: -7\ne: 0\nf: 1h30m\ng: 10.0.0.0/8\n',
  'a:\nb: # nothing\nc:\n  d: é ü\n',
  '- a\n- b: 1\n  c: 2\n-  d: 3\n   e: 4\n',
  'a: 1\nb: {c: 1, c: 2}\nb: {c: 3}\n',
];

/** What an unquoted piece of text may do to a parser. */
const PIECES: readonly string[] = [
  'a ¦b ¦k: v¦x:¦host: h.example¦target: http://b:1/p¦- ¦- a¦- k: v¦-¦-5¦- - a¦? a¦=¦~x¦$x¦(a)¦a b¦a#b¦a:b¦a::b¦a ',
  `{¦}¦[¦]¦,¦:¦: ¦ #c¦#¦# c: d¦"¦'¦"q"¦'q'¦"q": 1¦'it''s'¦"\\n"¦\\¦"": 1¦"a: b"¦'a #b'¦502: x¦1.0: x¦true: x`,
  '{a: 1}¦{a: 1, b: [x, y]}¦{"a":1}¦{"a": 1,"b" : 2}¦[a: b]¦{a}¦{a: }¦[]¦{}¦[a, ]¦{a:1}¦{a: b:c}¦[{a: 1}, {b: 2}]',
  '~¦null¦Null¦true¦yes¦True¦0¦-0¦+1¦007¦0x1F¦0o17¦1.0¦1.¦.5¦1e3¦1_000¦.inf¦.nan¦2020-01-01¦12345678901234567890',
  '<<: *x¦&x¦*x¦*.example.com¦!t¦|¦>¦%Y¦@¦`¦---¦...¦--- a¦__proto__: 1¦constructor: 1¦"__proto__": 1¦http://[::1]:8',
  '\t¦\r¦\u00a0¦\u0085¦\u2028¦\ufeff¦é¦\u{1f4a9}¦\0',
].flatMap((group) => group.split('¦'));

const indentation = fc.constantFrom('', '', '', '  ', '  ', '  ', '    ', '   ', '- ', '- ', '  - ');
const ending = fc.constantFrom('\n', '\n', '\n', '\n', '\n', ' \n', '\n\n', ' # c\n', '\n  # c\n', '\r\n', '');
const key = fc.constantFrom('a: ', 'b: ', 'c:', 'd:  ', '"e": ', "'f': ", '');
const pair = fc.tuple(key, fc.constantFrom('', '', 'x', ...PIECES)).map((parts) => parts.join(''));
const line = fc.tuple(indentation, pair, ending).map((parts) => parts.join(''));
const lines = fc.array(line, { maxLength: 4 }).map((all) => all.join(''));
/** An everyday text with a few pieces of it replaced. */
const damaged = fc
  .tuple(
    fc.constantFrom(...EVERYDAY),
    fc.array(fc.tuple(fc.nat(), fc.nat(4), fc.constantFrom('', ' ', '\n', ...PIECES))),
  )
  .map(([text, edits]) =>
    edits.slice(0, 3).reduce((whole, [at, cut, piece]) => {
      const place = at % (whole.length + 1);
      return whole.slice(0, place) + piece + whole.slice(place + cut);
    }, text),
  );

/** Every path of a document, and some that lead nowhere. */
function pathsOf(content: unknown, path: readonly PropertyKey[] = []): (readonly PropertyKey[])[] {
  if (typeof content !== 'object' || content === null) return [path, [...path, 'nowhere']];
  const parts: (readonly [PropertyKey, unknown])[] = Array.isArray(content)
    ? content.map((part, index) => [index, part] as const)
    : Object.entries(content);
  return [path, ...parts.flatMap(([name, part]) => pathsOf(part, [...path, name]))];
}

function described({ content, places }: YamlContent): unknown {
  const { repeated } = places;
  return { content, repeated, offsets: pathsOf(content).map((path) => [path, places.offsetOf(path)]) };
}

/** Whether a text is read without the library; fails when the library reads it in another way. */
function agrees(text: string): boolean {
  const plain = readPlainYaml(text);
  if (plain === null) return false;
  const { mistakes, ...known } = readAnyYaml(text);
  assert.deepEqual([mistakes, described(plain)], [[], described(known)], JSON.stringify(text));
  return true;
}

test('everyday files are read without the library and as it reads them', () => {
  for (const text of EVERYDAY) assert.ok(agrees(text), JSON.stringify(text));
});

test('whatever is read without the library has the values and places that the library finds', () => {
  for (const [texts, least] of [
    [lines, 300],
    [damaged, 700],
  ] as const) {
    let plain = 0;
    fc.assert(
      fc.property(texts, (text) => void (plain += agrees(text) ? 1 : 0)),
      { numRuns: 8_000 },
    );
    assert.ok(plain > least, `only ${plain} texts were compared`);
  }
});
