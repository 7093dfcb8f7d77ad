import assert from 'node:assert/strict';
import test from 'node:test';

import { parseAuthority } from './authority.ts';

const HOSTS: readonly (readonly [string, string])[] = [
  ['a.example', 'a.example'],
  ['A.Example', 'a.example'],
  ['a.example:80', 'a.example'],
  ['a.example:', 'a.example'],
  ['a.example:0', 'a.example'],
  ['a.example:65535', 'a.example'],
  ['a.example.', 'a.example'],
  ['a.example.:8080', 'a.example'],
  ['127.0.0.1:8080', '127.0.0.1'],
  ['[::1]', '[::1]'],
  ['[2001:DB8::1]:443', '[2001:db8::1]'],
  ['[::ffff:192.0.2.1]', '[::ffff:192.0.2.1]'],
  ['a_b-c~d', 'a_b-c~d'],
  ["!$&'()*+;=", "!$&'()*+;="],
  ['a%20b', 'a%20b'],
  ['a%2Fb', 'a%2fb'],
];

test('a host is in lower case, without port and without one trailing dot (RFC 3986 3.2.2)', () => {
  for (const [text, host] of HOSTS) assert.equal(parseAuthority(text), host, text);
});

test('an authority that readers could take for different hosts is refused (RFC 9112 3.2)', () => {
  for (const text of [
    '',
    '.',
    '..',
    'a..b',
    'a.example..',
    ':80',
    'user@a.example',
    'user:pass@a.example',
    'a.example/',
    'a.example/b',
    'a.example?b',
    'a.example#b',
    'a.example\\b',
    'a.example,b.example',
    'a.example b',
    ' a.example',
    'a.example ',
    'a\tb',
    'a\0b',
    'a\nb',
    'a.example\n',
    'é.example',
    'a"b',
    'a<b',
    'a%',
    'a%2',
    'a%zz',
    'a^b',
    'a|b',
    'a{b}',
  ]) {
    assert.equal(parseAuthority(text), null, JSON.stringify(text));
  }
});

test('a port is at most 65535 and digits only', () => {
  for (const text of [
    'a:65536',
    'a:99999',
    'a:000080',
    'a:8o',
    'a:+80',
    'a:-1',
    'a:80:81',
    'a: 80',
    'a:80 ',
    '[::1]:65536',
    '[::1]x',
    '[::1]:x',
  ]) {
    assert.equal(parseAuthority(text), null, text);
  }
});

test('brackets hold an IPv6 address without zone, and nothing else', () => {
  for (const text of [
    '[]',
    '[::1',
    '::1',
    '[1.2.3.4]',
    '[::1%eth0]',
    '[::1%25eth0]',
    '[v1.x]',
    '[a]',
    '[::1]]',
    '[[::1]]',
    '[12345::]',
    '[::1::]',
  ]) {
    assert.equal(parseAuthority(text), null, text);
  }
});

test('an authority longer than a name and a port can be is refused', () => {
  assert.equal(parseAuthority('a'.repeat(255)), 'a'.repeat(255));
  assert.equal(parseAuthority('a'.repeat(262)), null);
});
