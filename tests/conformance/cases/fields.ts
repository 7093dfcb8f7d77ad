import { type ConformanceCase, type Expectation, head, refused, served } from '../case.ts';

const START = 'GET / HTTP/1.1\r\nHost: a.test\r\n';

function fieldCase(
  [id, rule]: readonly [id: string, rule: string],
  title: string,
  lines: string,
  expect: Expectation,
): ConformanceCase {
  return { id, rule, title, send: `${START}${lines}\r\n\r\n`, expect };
}

/** RFC 9112 5 and RFC 9110 5: field lines. */
export const FIELDS: readonly ConformanceCase[] = [
  fieldCase(
    ['FD-001', 'RFC 9112 5.1'],
    'a space before the colon is refused',
    'X-A : b',
    refused(400, 'header_name_invalid'),
  ),
  fieldCase(
    ['FD-002', 'RFC 9112 5.1'],
    'a tab before the colon is refused',
    'X-A\t: b',
    refused(400, 'header_name_invalid'),
  ),
  fieldCase(['FD-003', 'RFC 9112 5'], 'an empty field name is refused', ': b', refused(400, 'header_name_invalid')),
  fieldCase(
    ['FD-004', 'RFC 9112 5'],
    'a line without a colon is refused',
    'X-A b',
    refused(400, 'header_name_invalid'),
  ),
  fieldCase(['FD-005', 'RFC 9110 5.1'], 'a space inside a field name is refused', 'X A: b', refused(400)),
  fieldCase(['FD-006', 'RFC 9110 5.1'], 'a delimiter in a field name is refused', 'X(A): b', refused(400)),
  fieldCase(['FD-007', 'RFC 9110 5.1'], 'a byte beyond ASCII in a field name is refused', 'X-\xc4: b', refused(400)),
  fieldCase(['FD-008', 'RFC 9110 5.5, DESIGN 6'], 'a NUL in a field name is refused', 'X-\x00A: b', refused(400)),
  {
    id: 'FD-009',
    rule: 'RFC 9112 2.2',
    title: 'white space before the first field is refused',
    send: head('GET / HTTP/1.1', ' Host: a.test', 'Host: a.test'),
    expect: refused(400),
  },
  fieldCase(
    ['FD-010', 'RFC 9112 5.2'],
    'a field folded with a space is refused',
    'X-A: b\r\n c',
    refused(400, 'header_folded'),
  ),
  fieldCase(
    ['FD-011', 'RFC 9112 5.2'],
    'a field folded with a tab is refused',
    'X-A: b\r\n\tc',
    refused(400, 'header_folded'),
  ),
  fieldCase(['FD-012', 'RFC 9112 5.2'], 'a fold of white space only is refused', 'X-A: b\r\n ', refused(400)),
  fieldCase(
    ['FD-013', 'RFC 9110 5.5'],
    'a NUL in a value is refused',
    'X-A: b\x00c',
    refused(400, 'header_value_invalid'),
  ),
  fieldCase(['FD-014', 'RFC 9110 5.5'], 'a bare CR in a value is refused', 'X-A: b\rc', refused(400)),
  fieldCase(['FD-015', 'RFC 9112 2.2, DESIGN 6'], 'a bare LF in a value is refused', 'X-A: b\nX-B: c', refused(400)),
  fieldCase(
    ['FD-016', 'RFC 9110 5.5, DESIGN 6'],
    'a control byte in a value is refused',
    'X-A: b\x01c',
    refused(400, 'header_value_invalid'),
  ),
  fieldCase(
    ['FD-017', 'RFC 9110 5.5, DESIGN 6'],
    'DEL in a value is refused',
    'X-A: b\x7fc',
    refused(400, 'header_value_invalid'),
  ),
  fieldCase(['FD-018', 'RFC 9112 2.2, DESIGN 6'], 'a CR before the line end is refused', 'X-A: b\r', refused(400)),
  {
    id: 'FD-019',
    rule: 'RFC 9112 2.2, DESIGN 6',
    title: 'a head that ends with bare LFs is refused',
    send: 'GET / HTTP/1.1\r\nHost: a.test\n\n',
    expect: refused(400),
  },
  {
    id: 'FD-020',
    rule: 'RFC 9112 2.2, DESIGN 6',
    title: 'an empty line that is a bare LF is refused',
    send: 'GET / HTTP/1.1\r\nHost: a.test\r\n\nX: y\r\n\r\n',
    expect: refused(400),
  },
  {
    id: 'FD-021',
    rule: 'RFC 9112 2.2, DESIGN 6',
    title: 'lines that end with bare CRs are refused',
    send: 'GET / HTTP/1.1\rHost: a.test\r\r\n\r\n',
    expect: refused(400),
  },
  fieldCase(
    ['FD-022', 'RFC 9110 5.5'],
    'bytes beyond ASCII in a value are forwarded as they are',
    'X-A: \x80\xff caf\xe9',
    served({ line: 'GET / HTTP/1.1', has: ['X-A: \x80\xff caf\xe9'] }),
  ),
  fieldCase(
    ['FD-023', 'RFC 9110 5.5'],
    'an empty value is a value',
    'X-A:',
    served({ line: 'GET / HTTP/1.1', has: [/^X-A: ?$/] }),
  ),
  fieldCase(
    ['FD-024', 'RFC 9110 5.5'],
    'white space around a value is no part of it, inside it is',
    'X-A: \t b \t c\t ',
    served({ line: 'GET / HTTP/1.1', has: ['X-A: b \t c'] }),
  ),
  fieldCase(
    ['FD-025', 'RFC 9112 5'],
    'no space is needed after the colon',
    'X-A:b',
    served({ line: 'GET / HTTP/1.1', has: [/^X-A: ?b$/] }),
  ),
  fieldCase(
    ['FD-026', 'RFC 9110 5.2'],
    'repeated fields stay in their order and are not joined or reordered',
    'X-A: 1\r\nX-B: 2\r\nx-a: 3',
    served({ line: 'GET / HTTP/1.1', has: ['X-A: 1', 'X-B: 2', 'x-a: 3'] }),
  ),
  fieldCase(
    ['FD-027', 'RFC 9110 5.1'],
    'every byte of a token is allowed in a field name',
    "X!#$%&'*+-.^_`|~9: b",
    served({ line: 'GET / HTTP/1.1', has: ["X!#$%&'*+-.^_`|~9: b"] }),
  ),
  fieldCase(
    ['FD-028', 'RFC 9110 5.5'],
    'colons, quotes and commas in a value are its own',
    'X-A: a:b, "c: d", :',
    served({ line: 'GET / HTTP/1.1', has: ['X-A: a:b, "c: d", :'] }),
  ),
  {
    id: 'FD-029',
    rule: 'RFC 9112 5.2',
    title: 'a fold that hides a Transfer-Encoding is refused',
    send: 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nX-A: b\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    expect: refused(400),
  },
  {
    id: 'FD-030',
    rule: 'RFC 9112 2.2, DESIGN 6',
    title: 'a bare LF that hides a Transfer-Encoding is refused',
    send: 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\nX-A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    expect: refused(400),
  },
];
