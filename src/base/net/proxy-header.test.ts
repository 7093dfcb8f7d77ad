import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import test from 'node:test';

import fc from 'fast-check';

import { crc32c } from '../hash/crc32c.ts';
import { proxyHeader } from './proxy-header-text.ts';
import { type ProxyHeaderReading, readProxyHeader } from './proxy-header.ts';

const START = '0d0a0d0a000d0a515549540a';

function read(bytes: Buffer): ProxyHeaderReading {
  return readProxyHeader(bytes, 0, bytes.length);
}

function line(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Version 2 with a command, a family and what follows the length, hex. */
function binary(command: string, family: string, rest: string): Buffer {
  const length = (rest.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(START + command + family + length + rest, 'hex');
}

const TCP4 = '0a000001c0000202d4310050';
const TCP6 = `20010db8${'00'.repeat(11)}01${'00'.repeat(15)}01d4310050`;

/** Headers that are read: bytes, source and destination as text, null where the connection's own ends hold. */
const READ: Readonly<Record<string, readonly [Buffer, string | null]>> = {
  'v1 TCP4': [line('PROXY TCP4 10.0.0.1 192.0.2.2 54321 80\r\n'), '10.0.0.1 54321 192.0.2.2 80'],
  'v1 TCP6': [line('PROXY TCP6 2001:DB8::1 ::1 54321 80\r\n'), '2001:db8::1 54321 ::1 80'],
  'v1 mapped': [line('PROXY TCP6 ::ffff:10.0.0.1 ::1 1 2\r\n'), '10.0.0.1 1 ::1 2'],
  'v1 ports 0 and 65535': [line('PROXY TCP4 1.2.3.4 5.6.7.8 0 65535\r\n'), '1.2.3.4 0 5.6.7.8 65535'],
  'v1 UNKNOWN': [line('PROXY UNKNOWN\r\n'), null],
  'v1 UNKNOWN with more': [line('PROXY UNKNOWN ffff::1 anything at all 1\r\n'), null],
  'v1 of 107 bytes': [line(`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`), null],
  'v2 TCP4': [binary('21', '11', TCP4), '10.0.0.1 54321 192.0.2.2 80'],
  'v2 TCP6': [binary('21', '21', TCP6), '2001:db8::1 54321 ::1 80'],
  'v2 UDP4': [binary('21', '12', TCP4), '10.0.0.1 54321 192.0.2.2 80'],
  'v2 mapped': [binary('21', '21', `${'00'.repeat(10)}ffff0a000001${'00'.repeat(15)}0100010002`), '10.0.0.1 1 ::1 2'],
  'v2 unix': [binary('21', '31', '00'.repeat(216)), null],
  'v2 unspecified': [binary('21', '00', ''), null],
  'v2 unspecified with more': [binary('21', '00', '040001ff'), null],
  'v2 LOCAL': [binary('20', '00', ''), null],
  'v2 LOCAL with whatever': [binary('20', '11', 'ffff'), null],
  'v2 extensions': [binary('21', '11', `${TCP4}0200036162630400000500026162`), '10.0.0.1 54321 192.0.2.2 80'],
  'v2 of 4096 bytes': [binary('21', '11', `${TCP4}040fe1${'00'.repeat(4065)}`), '10.0.0.1 54321 192.0.2.2 80'],
};

for (const [name, [bytes, expected]] of Object.entries(READ)) {
  test(`reads ${name}, whole or in pieces, and leaves what follows`, () => {
    const more = Buffer.concat([line('xx'), bytes, line('GET / HTTP/1.1\r\n')]);
    const reading = readProxyHeader(more, 2, more.length);
    assert.equal(reading.kind, 'header');
    if (reading.kind !== 'header') return;
    assert.equal(reading.length, bytes.length);
    const { connection } = reading;
    const text =
      connection &&
      `${connection.source.address} ${connection.source.port} ${connection.destination.address} ${connection.destination.port}`;
    assert.equal(text, expected);
    for (let end = 1; end < bytes.length; end++)
      assert.equal(read(bytes.subarray(0, end)).kind, 'open', `${end} bytes`);
  });
}

const REFUSED: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
  'a request': [line('GET / HTTP/1.1\r\n'), /does not begin/],
  'a request that begins like one': [line('PRI * HTTP/2.0\r\n'), /does not begin/],
  'a TLS hello': [Buffer.from('160301', 'hex'), /does not begin/],
  'lower case': [line('proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n'), /does not begin/],
  'v1 with a bare LF': [line('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n'), /CR LF/],
  'v1 with two blanks': [line('PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n'), /malformed/],
  'v1 with a blank at its end': [line('PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n'), /malformed/],
  'v1 with a field too few': [line('PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n'), /malformed/],
  'v1 with a zero before a port': [line('PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n'), /malformed/],
  'v1 with a port too large': [line('PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n'), /malformed/],
  'v1 with a signed port': [line('PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n'), /malformed/],
  'v1 with a zero in an address': [line('PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n'), /malformed/],
  'v1 with a short address': [line('PROXY TCP4 127.1 5.6.7.8 1 2\r\n'), /malformed/],
  'v1 TCP4 with IPv6': [line('PROXY TCP4 ::1 ::1 1 2\r\n'), /malformed/],
  'v1 TCP6 with IPv4': [line('PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n'), /malformed/],
  'v1 with a zone': [line('PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n'), /malformed/],
  'v1 with a name': [line('PROXY TCP4 localhost 5.6.7.8 1 2\r\n'), /malformed/],
  'v1 of another protocol': [line('PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n'), /unknown protocol/],
  'v1 that only begins with UNKNOWN': [line('PROXY UNKNOWNX\r\n'), /unknown protocol/],
  'v1 without a line end in 107 bytes': [line(`PROXY UNKNOWN ${'x'.repeat(93)}`), /too long/],
  'v1 of 108 bytes': [line(`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`), /too long/],
  'v2 with another start': [Buffer.from('0d0a0d0a000d0a515549540b', 'hex'), /does not begin/],
  'v2 that begins like an empty line': [line('\r\n\r\nGET / HTTP/1.1\r\n'), /does not begin/],
  'v2 of version 1': [binary('11', '11', TCP4), /unknown kind/],
  'v2 of version 3': [binary('31', '11', TCP4), /unknown kind/],
  'v2 with another command': [binary('22', '11', TCP4), /unknown kind/],
  'v2 with another family': [binary('21', '41', TCP4), /unknown address family/],
  'v2 with another transport': [binary('21', '13', TCP4), /unknown address family/],
  'v2 TCP4 too short': [binary('21', '11', TCP4.slice(2)), /too short/],
  'v2 TCP6 with the length of TCP4': [binary('21', '21', TCP4), /too short/],
  'v2 too long': [binary('21', '11', '00'.repeat(4_081)), /too long/],
  'v2 with a cut extension': [binary('21', '11', `${TCP4}0400`), /cut extension/],
  'v2 with an extension beyond its end': [binary('21', '11', `${TCP4}04000201`), /cut extension/],
  'v2 with a wrong checksum': [binary('21', '11', `${TCP4}03000400000000`), /checksum/],
  'v2 with a short checksum': [binary('21', '11', `${TCP4}030003000000`), /checksum/],
};

for (const [name, [bytes, problem]] of Object.entries(REFUSED)) {
  test(`refuses ${name}`, () => {
    const reading = read(bytes);
    assert.equal(reading.kind, 'invalid');
    if (reading.kind === 'invalid') assert.match(reading.problem, problem);
  });
}

test('takes a header with the right checksum, and refuses it with any byte changed', () => {
  const bytes = binary('21', '11', `${TCP4}04000161030004000000000500026162`);
  const at = bytes.indexOf(Buffer.from('03000400000000', 'hex')) + 3;
  bytes.writeUInt32BE(crc32c(bytes), at);
  assert.equal(read(bytes).kind, 'header');
  for (let i = 16; i < 28; i++) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] as number) ^ 1;
    assert.equal(read(changed).kind, 'invalid', `byte ${i}`);
  }
});

test('CRC32c is that of RFC 3720 B.4', () => {
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
});

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((text) => isIP(text) === 6),
);
const end = fc.record({ address, port: fc.integer({ min: 0, max: 65_535 }) });

test('what is written is read again, by both versions', () => {
  fc.assert(
    fc.property(end, end, fc.constantFrom(1 as const, 2 as const), (source, destination, version) => {
      const bytes = proxyHeader(version, { source, destination });
      const reading = read(bytes);
      assert.ok(reading.kind === 'header' && reading.length === bytes.length && reading.connection !== null);
      for (const [told, meant] of [
        [reading.connection.source, source],
        [reading.connection.destination, destination],
      ] as const)
        assert.deepEqual([canonical(told.address), told.port], [canonical(meant.address), meant.port]);
    }),
    { numRuns: 500 },
  );
});

test('where there is no address to tell, nothing is told', () => {
  for (const version of [1, 2] as const) {
    for (const connection of [null, { source: { address: '', port: 0 }, destination: { address: '::1', port: 1 } }]) {
      const reading = read(proxyHeader(version, connection));
      assert.ok(reading.kind === 'header' && reading.connection === null);
    }
  }
});

test('any bytes are read without a throw, and never further than they go', () => {
  const begun = fc.constantFrom(
    'PROXY ',
    'PROXY TCP4 1.2.3.4 ',
    `\r\n\r\n\0\r\nQUIT\n`,
    '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x20',
    '',
  );
  fc.assert(
    fc.property(begun, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
      const bytes = Buffer.concat([line(start), rest]);
      const reading = read(bytes);
      if (reading.kind === 'header') assert.ok(reading.length > 0 && reading.length <= bytes.length);
    }),
    { numRuns: 3_000 },
  );
});

/** IPv4-mapped addresses are the same as IPv4 ones. */
function canonical(text: string): string {
  const { hostname } = new URL(`http://${text.includes(':') ? `[${text}]` : `[::ffff:${text}]`}`);
  return hostname;
}
