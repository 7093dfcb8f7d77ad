import { RequestHead } from '../../../../src/base/http1/request-head.ts';
import { RequestHeadParser } from '../../../../src/base/http1/request-head-parser.ts';
import { measure } from '../../measure.ts';

const parser = new RequestHeadParser({ headBytes: 65_536, headFields: 100, targetBytes: 8_192 });
const head = new RequestHead();

const SMALL = 'GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n';
const BROWSER =
  'GET /assets/app.4f3a9c.js?v=12 HTTP/1.1\r\nHost: app.example.com\r\nConnection: keep-alive\r\n' +
  'sec-ch-ua: "Chromium";v="156"\r\nsec-ch-ua-mobile: ?0\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n' +
  'Accept: */*\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: no-cors\r\nReferer: https://app.example.com/\r\n' +
  'Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\nCookie: session=8448eb21f00d; theme=dark\r\n\r\n';

for (const [name, text] of [
  ['small', SMALL],
  ['browser', BROWSER],
] as const) {
  const bytes = Buffer.from(`${text}\0`, 'latin1');
  measure(`RequestHeadParser.parse, ${name}, ${text.length} bytes`, () => parser.parse(bytes, 0, text.length, head));
}
