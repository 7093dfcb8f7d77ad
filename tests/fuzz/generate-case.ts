import type { FuzzCase } from './compare.ts';
import { chunkedBody, payload } from './generate-body.ts';
import { connectionField, encodingField, lengthField, plainField } from './generate-fields.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';

const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS'] as const;
const ODD_METHODS = [
  'CONNECT',
  'TRACE',
  'QUERY',
  'M-SEARCH',
  'SOURCE',
  'PRI',
  'DESCRIBE',
  'FLUSH',
  'FOO',
  'get',
  'GETX',
  'PO',
  'POS',
  "!#$%&'*+-.^_`|~",
  'A'.repeat(32),
  'A'.repeat(33),
] as const;
const TARGETS = ['/', '/', '/a', '/a/b?c=d', '/%2e%2e/', '*', '//b/c', '/?', '/a;b=c', '/"<>[]{}|\\^`'] as const;
const ODD_TARGETS = [
  'http://a.example/',
  'HTTP://A.example/x?y',
  'http://a.example',
  'https://a.example?q',
  'http://b.example/',
  'http://u@a.example/',
  'http://a.example:80/',
  'http:///x',
  'ftp://a.example/',
  'a.example:80',
  'a',
  '?x',
  '/a#b',
  '/\x80',
  '/a b',
  '/\t',
  `/${'x'.repeat(300)}`,
  '',
] as const;
const HOSTS = [
  'a.example',
  'a.example',
  'a.example',
  'A.EXAMPLE',
  'a.example:80',
  '[::1]',
  '127.0.0.1:8080',
  'a.example.',
] as const;
const ODD_HOSTS = ['', 'a b', 'u@a', 'a,b', 'a/b', 'a:b', 'a:99999', '[::1', '%zz', 'a\x80'] as const;
const VERSIONS = [
  'HTTP/1.0',
  'HTTP/1.0',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/1.',
  'HTTP/11',
  'http/1.1',
  'HTTP/1.10',
  'HTTP/1.1 ',
  'ICE/1.0',
  'RTSP/1.0',
  '',
] as const;
const STATUSES = [200, 200, 200, 200, 201, 204, 205, 206, 301, 304, 400, 404, 500, 503] as const;
const ODD_STATUSES = [
  '100',
  '101',
  '102',
  '103',
  '104',
  '150',
  '199',
  '099',
  '600',
  '999',
  '1000',
  '20',
  '2x0',
  '',
  '-200',
  ' 200',
] as const;
const REASONS = [' Not Found', ' ', '', ' \x80\xff', '  two', ' a\tb', '\tOK', ' \x01', ' a\rb'] as const;

/** A case of the grammar, mutated in most cases, with random reads. */
export function generateCase(random: Random): FuzzCase {
  const kind = random.chance(70) ? 'request' : 'response';
  const toHead = kind === 'response' && random.chance(15);
  const clean = kind === 'request' ? requests(random) : responses(random);
  const text = random.chance(55) ? clean : mutate(random, clean);
  return { kind, toHead, text, cuts: cuts(random, text.length) };
}

/** Lengths of reads: few large ones, all single bytes, or anything. */
function cuts(random: Random, length: number): number[] {
  const largest = random.pick([1, 1, 2, 5, 20, 100, 1000]);
  const list: number[] = [];
  for (let at = 0; at < length; at += list.at(-1) as number) list.push(1 + random.int(largest));
  return list;
}

function requests(random: Random): string {
  let text = random.chance(5) ? random.pick(['\r\n', '\r\n\r\n', '\n', ' ', '\r']) : '';
  for (let left = random.pick([1, 1, 1, 2, 2, 3]); left > 0; left--) text += request(random);
  return text;
}

function request(random: Random): string {
  const method = random.chance(94) ? random.pick(METHODS) : random.pick(ODD_METHODS);
  const target = random.chance(93) ? random.pick(TARGETS) : random.pick(ODD_TARGETS);
  const version = random.chance(94) ? 'HTTP/1.1' : random.pick(VERSIONS);
  const fields = random.chance(98) ? [`Host: ${random.chance(96) ? random.pick(HOSTS) : random.pick(ODD_HOSTS)}`] : [];
  if (random.chance(2)) fields.push('Host: a.example');
  if (random.chance(4)) fields.push(`Expect: ${random.pick(['100-continue', '100-Continue', '100-continue, x', 'x'])}`);
  const body = addFraming(random, fields, random.chance(45) ? 0 : 1);
  return `${method} ${target} ${version}\r\n${lines(random, fields)}\r\n${body}`;
}

function responses(random: Random): string {
  let text = '';
  for (let left = random.pick([0, 0, 0, 0, 1, 2]); left > 0; left--) {
    text += `HTTP/1.1 ${random.pick(['100', '102', '103'])} X\r\n${random.chance(50) ? '' : `${plainField(random)}\r\n`}\r\n`;
  }
  return text + response(random);
}

function response(random: Random): string {
  const version = random.chance(94) ? 'HTTP/1.1' : random.pick(VERSIONS);
  const status = random.chance(93) ? String(random.pick(STATUSES)) : random.pick(ODD_STATUSES);
  const fields = random.chance(50) ? ['Server: x'] : [];
  const body = addFraming(random, fields, 1);
  const surplus = random.chance(4) ? random.pick(['\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'x']) : '';
  return `${version} ${status}${random.chance(85) ? ' OK' : random.pick(REASONS)}\r\n${lines(random, fields)}\r\n${body}${surplus}`;
}

/** Adds framing fields and returns the body that goes with them. `most` 0 = no body. */
function addFraming(random: Random, fields: string[], most: number): string {
  const longest = random.pick([3, 10, 40]);
  const kind = most === 0 ? 0 : random.int(20);
  if (kind === 0) return '';
  if (kind < 9) {
    const body = payload(random, longest);
    fields.push(lengthField(random, body.length));
    if (kind === 8) fields.push(lengthField(random, body.length));
    return body;
  }
  if (kind < 18) {
    fields.push(encodingField(random));
    if (kind === 17) fields.push(encodingField(random));
    return chunkedBody(random, longest);
  }
  const body = random.chance(50) ? chunkedBody(random, longest) : payload(random, longest);
  fields.push(lengthField(random, body.length), encodingField(random));
  return body;
}

/** Field lines in a random order with others between them. */
function lines(random: Random, fields: readonly string[]): string {
  const list = [...fields];
  for (let left = random.int(4); left > 0; left--) list.splice(random.int(list.length + 1), 0, plainField(random));
  if (random.chance(25)) list.splice(random.int(list.length + 1), 0, connectionField(random));
  if (random.chance(8)) list.splice(random.int(list.length + 1), 0, connectionField(random));
  if (random.chance(10)) list.reverse();
  return list.map((line) => `${line}\r\n`).join('');
}
