import assert from 'node:assert/strict';
import { test } from 'node:test';
import { murmur3 } from './murmur3.ts';

const SEED = 0x9747b28c;
const KNOWN: readonly (readonly [text: string, seed: number, hash: number])[] = [
  ['', 0, 0],
  ['', 1, 0x514e28b7],
  ['', 0xffffffff, 0x81f16f39],
  ['test', 0, 0xba6bd213],
  ['test', SEED, 0x704b81dc],
  ['Hello, world!', 0, 0xc0363e43],
  ['Hello, world!', SEED, 0x24884cba],
  ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
  ['The quick brown fox jumps over the lazy dog', SEED, 0x2fa826cd],
  ['a', SEED, 0x7fa09ea6],
  ['aa', SEED, 0x5d211726],
  ['aaa', SEED, 0x283e0130],
  ['aaaa', SEED, 0x5a97808a],
  ['abcd', SEED, 0xf0478627],
];

test('gives the published values of MurmurHash3 x86 32 for every length of the rest', () => {
  for (const [text, seed, hash] of KNOWN) assert.equal(murmur3(text, seed), hash, `${text} with seed ${seed}`);
});

test('hashes bytes above 0x7f as the unsigned bytes they are', () => {
  assert.equal(murmur3('\xff\xff\xff\xff'), 0x76293b50);
  assert.equal(murmur3('\x21\x43\x65\x87'), 0xf55b516b);
  assert.equal(murmur3('\x21\x43\x65\x87', 0x5082edee), 0x2362f9de);
});

test('gives an unsigned number', () => {
  assert.ok(murmur3('test') > 0x7fffffff);
});
