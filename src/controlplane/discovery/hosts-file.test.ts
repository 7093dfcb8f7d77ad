import assert from 'node:assert/strict';
import test from 'node:test';

import { parseHosts } from './hosts-file.ts';

test('reads addresses with their names, in lower case, from several lines', () => {
  const table = parseHosts(
    '127.0.0.1 localhost\n::1\tlocalhost ip6-localhost\n10.0.0.1  App app.test # the app\n10.0.0.2 app\n10.0.0.1 app\n',
  );
  assert.deepEqual(table.get('localhost'), ['127.0.0.1', '::1']);
  assert.deepEqual(table.get('app'), ['10.0.0.1', '10.0.0.2']);
  assert.deepEqual(table.get('app.test'), ['10.0.0.1']);
  assert.equal(table.size, 4);
});

test('passes over comments, blank lines, lines without names and what is no address', () => {
  const table = parseHosts('# 10.0.0.1 a\n\n   \n10.0.0.1\nnonsense b\n999.0.0.1 c\nfe80::1%eth0 d\r\n10.0.0.2 e\r\n');
  assert.deepEqual([...table], [['e', ['10.0.0.2']]]);
});
