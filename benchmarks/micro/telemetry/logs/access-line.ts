import { accessLine } from '../../../../src/telemetry/logs/access-line.ts';
import { measure } from '../../measure.ts';

const record = {
  clientAddress: '203.0.113.8',
  method: 'GET',
  target: '/assets/app.4f3a9c.js?v=12',
  protocolName: 'HTTP/1.1',
  status: 200,
  bodyBytes: 98_304,
  bytesReceived: 0,
  referer: 'https://app.example.com/',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
  host: 'app.example.com',
  backend: 'http://127.0.0.1:3000',
  route: 'web',
  requestId: '9500c437dd075a5de334000000000000',
  durationMs: 12.3,
  code: null,
  fault: null,
  attempts: 1,
  phases: { before: 0.02, retries: 0, queue: 0, connect: 0, upload: 0, firstByte: 11.9, body: 0.3, current: 'body' },
};

measure('accessLine, a browser request', () => accessLine(record, 1_795_000_000_000).length);
