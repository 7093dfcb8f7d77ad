import assert from 'node:assert/strict';
import test from 'node:test';

import { parseBindHost, parseListenAddress } from './endpoint-listen.ts';
import { formatTarget, parseTarget, targetAuthority } from './endpoint.ts';

/** The one spelling of a target, or the reason against it. */
function spell(text: string): string {
  const parsed = parseTarget(text);
  return 'value' in parsed ? formatTarget(parsed.value) : parsed.problem;
}

test('reads scheme, host, port and path of a target', () => {
  const parsed = parseTarget('http://Backend.example:9000/Base/');
  assert.deepEqual(parsed, {
    value: { scheme: 'http', kind: 'host', host: 'backend.example', port: 9000, basePath: '/Base' },
  });
  assert.deepEqual(parseTarget('https://[2001:DB8::1]'), {
    value: { scheme: 'https', kind: 'host', host: '2001:db8::1', port: 443, basePath: '' },
  });
});

test('gives targets that are the same backend the same spelling', () => {
  assert.equal(spell('HTTP://A:80/'), 'http://a');
  assert.equal(spell('http://a'), 'http://a');
  assert.equal(spell('https://a:443//'), 'https://a');
  assert.equal(spell('http://a:443'), 'http://a:443');
  assert.equal(spell('http://[::1]:8080/x%20y'), 'http://[::1]:8080/x%20y');
  assert.equal(spell('http://my_service-1:80'), 'http://my_service-1');
});

test('reads unix sockets, and names whose addresses or SRV records are backends of their own', () => {
  const of = (text: string) => {
    const parsed = parseTarget(text);
    return 'value' in parsed ? parsed.value : parsed.problem;
  };
  const unix = { scheme: 'http', kind: 'unix', host: '/run/A.sock', port: 0 };
  assert.deepEqual(of('unix:/run/A.sock'), { ...unix, basePath: '' });
  assert.deepEqual(of('UNIX:/run/A.sock:/v1/'), { ...unix, basePath: '/v1' });
  assert.deepEqual(of('dns+http://App:8080/x'), {
    scheme: 'http',
    kind: 'dns',
    host: 'app',
    port: 8080,
    basePath: '/x',
  });
  assert.deepEqual(of('srv+https://_https._tcp.App'), {
    scheme: 'https',
    kind: 'srv',
    host: '_https._tcp.app',
    port: 0,
    basePath: '',
  });
  const spellings = {
    'unix:/run/a.sock:/': 'unix:/run/a.sock',
    'unix:/run/a.sock:/v1': 'unix:/run/a.sock:/v1',
    'DNS+HTTPS://A:443/': 'dns+https://a',
    'dns+http://a:8080': 'dns+http://a:8080',
    'srv+http://_http._tcp.a/v1/': 'srv+http://_http._tcp.a/v1',
  };
  for (const [text, spelling] of Object.entries(spellings)) {
    assert.equal(spell(text), spelling);
    assert.equal(spell(spelling), spelling, 'a spelling spells itself');
  }
});

test('names the Host of a target as its scheme wants it', () => {
  const authority = (text: string) => {
    const parsed = parseTarget(text);
    return 'value' in parsed ? targetAuthority(parsed.value) : parsed.problem;
  };
  assert.equal(authority('http://a:80/x'), 'a');
  assert.equal(authority('https://a:80'), 'a:80');
  assert.equal(authority('https://[::1]:443'), '[::1]');
  assert.equal(authority('dns+http://a:8080'), 'a:8080');
  assert.equal(authority('srv+http://_http._tcp.a'), '_http._tcp.a');
  assert.equal(authority('unix:/run/a.sock:/v1'), 'localhost');
});

test('refuses targets with a reason', () => {
  const reasons = {
    'a:80': 'is not a URL: scheme and host are needed',
    'http:/a': 'is not a URL: scheme and host are needed',
    'ftp://a': 'has the unsupported scheme ftp',
    'unix:run/a.sock': 'needs an absolute path after unix:',
    'unix:/run/a.sock:api': 'needs a path that begins with / after the socket',
    'unix:/run/a.sock:/api?x': 'has a query or fragment, which is not supported in a target',
    'unix:/run/a.sock:/a/../b': 'has a path with . or .. segments',
    [`unix:/${'a'.repeat(107)}`]: 'has a path longer than 107 bytes',
    'unix:/a\0b': 'has a NUL byte in its path',
    'http://unix:/run/a.sock': 'has a unix socket inside a URL; it is written unix:/socket:/path',
    'unix+http://a': 'has the unsupported scheme unix+http',
    'dns+ftp://a': 'has the unsupported scheme dns+ftp',
    'dns+http://127.0.0.1:80': 'has an address, where dns+http needs a name',
    'srv+https://[::1]': 'has an address, where srv+https needs a name',
    'srv+http://_http._tcp.a:80': 'has a port, which SRV records say themselves',
    'dns+http://a:0': 'has port 0, which nobody can connect to',
    'http://u:p@a': 'has a user or password, which is not supported in a target',
    'http://a/?x': 'has a query or fragment, which is not supported in a target',
    'http://a#x': 'has a query or fragment, which is not supported in a target',
    'http://': 'has no host',
    'http://:80': 'has no host',
    'http://a:': 'has a port that is not a number from 0 to 65535',
    'http://a:65536': 'has a port that is not a number from 0 to 65535',
    'http://a:080': 'has a port that is not a number from 0 to 65535',
    'http://a:0': 'has port 0, which nobody can connect to',
    'http://::1': 'must have its IPv6 address in brackets',
    'http://[::1': 'has no valid host and port',
    'http://[::1]x': 'has no valid host and port',
    'http://[1.2.3.4]': 'has no valid IPv6 address in its brackets',
    'http://[fe80::1%25eth0]': 'has a zone id, which is not supported',
    'http://127.1': 'has a host that is not a valid IPv4 address',
    'http://010.0.0.1': 'has a host that is not a valid IPv4 address',
    'http://a.0x7f': 'has a host that is not a valid IPv4 address',
    'http://-a': 'has a host that is neither a name nor an IP address',
    'http://a..b': 'has a host that is neither a name nor an IP address',
    'http://a\r\nb': 'has a host that is neither a name nor an IP address',
    [`http://${'a'.repeat(64)}`]: 'has a host that is neither a name nor an IP address',
    'http://a/b\r\nc': 'has a path with bytes that a URL path cannot have',
    'http://a/b c': 'has a path with bytes that a URL path cannot have',
    'http://a/%zz': 'has a path with bytes that a URL path cannot have',
    'http://a/b//c': 'has an empty path segment',
    'http://a/b/../c': 'has a path with . or .. segments',
    'http://a/%2E%2e/c': 'has a path with . or .. segments',
  };
  for (const [text, reason] of Object.entries(reasons)) assert.equal(spell(text), reason, JSON.stringify(text));
});

test('reads the addresses of listeners', () => {
  const tcp = (host: string, port: number) => ({ value: { kind: 'tcp', host, port } });
  assert.deepEqual(parseListenAddress('0.0.0.0:8080'), tcp('0.0.0.0', 8080));
  assert.deepEqual(parseListenAddress('[::]:0'), tcp('::', 0));
  assert.deepEqual(parseListenAddress('localhost:80'), tcp('127.0.0.1', 80));
  assert.deepEqual(parseListenAddress('unix:/run/a.sock'), { value: { kind: 'unix', path: '/run/a.sock' } });
});

test('refuses listener addresses with a reason', () => {
  const reasons = {
    ':80': 'has no host: write 0.0.0.0 for IPv4 or [::] for IPv4 and IPv6',
    '0.0.0.0': 'has no port',
    '::1': 'must have its IPv6 address in brackets',
    'example.com:80': 'is not an IP address',
    '[fe80::1%eth0]:80': 'has a zone id, which is not supported',
    'unix:a.sock': 'needs an absolute path after unix:',
    'unix:/a\0b': 'has a NUL byte in its path',
    [`unix:/${'ä'.repeat(54)}`]: 'has a path longer than 107 bytes',
  };
  for (const [text, problem] of Object.entries(reasons)) assert.deepEqual(parseListenAddress(text), { problem }, text);
  assert.ok('value' in parseListenAddress(`unix:/${'a'.repeat(106)}`));
});

test('binds IP addresses and localhost only', () => {
  assert.deepEqual(parseBindHost('[::]'), { value: '::' });
  assert.deepEqual(parseBindHost('LOCALHOST'), { value: '127.0.0.1' });
  assert.deepEqual(parseBindHost('::1%lo'), { problem: 'has a zone id, which is not supported' });
  for (const text of ['', 'example.com', '*', '[127.0.0.1', '1.2.3']) {
    assert.deepEqual(parseBindHost(text), { problem: 'is not an IP address' });
  }
});
