import { RESPONSE_NOT_COPIED } from '../../../../src/base/http/field-rules.ts';
import { copyLines } from '../../../../src/base/http1/head-writer.ts';
import { ResponseHead, ResponseHeadParser } from '../../../../src/base/http1/response-head.ts';
import { measure } from '../../measure.ts';

const parser = new ResponseHeadParser({ headBytes: 65_536, headFields: 100, targetBytes: 0 });
const head = new ResponseHead();
const TEXT =
  'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 16:44:11 GMT\r\nContent-Type: text/plain\r\n' +
  'Content-Length: 121\r\nConnection: keep-alive\r\nETag: "65a1"\r\nCache-Control: max-age=60\r\n\r\n';
const bytes = Buffer.from(`${TEXT}\0`, 'latin1');

measure(`ResponseHeadParser.parse, ${TEXT.length} bytes`, () => parser.parse(bytes, 0, TEXT.length, head, false));
measure('copyLines of that head', () => copyLines(head.fields, RESPONSE_NOT_COPIED).length);
