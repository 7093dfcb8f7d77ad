import assert from 'node:assert/strict';
import test from 'node:test';

import { parseEnvFile } from './env-file.ts';

/** Values by name. */
function read(text: string): Record<string, string> {
  return Object.fromEntries(parseEnvFile(text).assignments.map(({ name, value }) => [name, value]));
}

test('skips blank lines and comments, takes export, and trims bare values', () => {
  assert.deepEqual(read('\uFEFF\n# A=1\n ; B=2\n\t\nexport C=3\r\nD= 4 # no comment \n'), {
    C: '3',
    D: '4 # no comment',
  });
});

test('takes single quotes literally and the escapes of shells in double quotes', () => {
  assert.deepEqual(read(`A='a "b" $c \\n'\nB="a 'b' \\"c\\" \\\\ \\$d \\n \\x"\nC=''\nD=""`), {
    A: 'a "b" $c \\n',
    B: 'a \'b\' "c" \\ $d \n \\x',
    C: '',
    D: '',
  });
});

test('keeps the lines of a quoted value and the line numbers behind it', () => {
  const { assignments } = parseEnvFile('A="x\n#y\nz"\nB=1');
  assert.deepEqual(assignments, [
    { name: 'A', value: 'x\n#y\nz', line: 1 },
    { name: 'B', value: '1', line: 4 },
  ]);
});

test('refuses lines that are no assignment, open quotes and text behind a quote, and reads on', () => {
  const { assignments, problems } = parseEnvFile('A B=1\n1A=2\nC="x" y\nD=\'x\nE=5');
  assert.deepEqual(problems, [
    { line: 1, message: 'is not NAME=value' },
    { line: 2, message: 'is not NAME=value' },
    { line: 3, message: 'has text after the closing quote' },
    { line: 4, message: 'has a quote that is never closed' },
  ]);
  assert.deepEqual(assignments, [{ name: 'E', value: '5', line: 5 }]);
});
