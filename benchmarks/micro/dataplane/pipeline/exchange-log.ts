import type { Exchange } from '../../../../src/dataplane/exchange/exchange.ts';
import { ExchangeLog } from '../../../../src/dataplane/pipeline/exchange-log.ts';
import type { LogRingWriter } from '../../../../src/shared-memory/log-ring.ts';
import { WorkerLog } from '../../../../src/telemetry/logs/worker-log.ts';
import { ACCESS_FIELDS } from '../../../../src/config/access-fields.ts';
import { ACCESS_LOG, APPLICATION_LOG } from '../../../../tests/support/log-settings.ts';
import { parsedHead } from '../../../../tests/support/parsed-head.ts';
import { measure } from '../../measure.ts';

const exchange = {
  head: parsedHead('GET /assets/app.4f3a9c.js?v=12', 'app.example.com', [
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
    'Referer: https://app.example.com/',
  ]),
  clientAddress: '203.0.113.8',
  downstream: { protocolName: 'HTTP/1.1', bodyBytesSent: 98_304 },
  status: 200,
  backend: { name: 'http://127.0.0.1:3000' },
  route: { name: 'web', accessLog: true },
  requestId: '9500c437dd075a5de334000000000000',
  path: '/assets/app.4f3a9c.js',
  failure: null,
  attempts: 1,
  body: null,
  openStream: null,
  startedMs: 1_000,
  firstAttemptMs: 1_000.02,
  attemptMs: 1_000.02,
  openingMs: 0,
  sentMs: 1_000.02,
  uploadedMs: 0,
  answeredMs: 1_011.9,
} as unknown as Exchange;

function logTo(format: 'combined' | 'json'): ExchangeLog {
  let bytes = 0;
  const ring = { write: (line: string) => (bytes += line.length) } as unknown as LogRingWriter;
  const access = { ...ACCESS_LOG, format, fields: format === 'json' ? ACCESS_FIELDS : [] };
  const log = new WorkerLog(APPLICATION_LOG, () => undefined);
  return new ExchangeLog({ access, application: APPLICATION_LOG, ring, log });
}

const combined = logTo('combined');
const json = logTo('json');
measure('ExchangeLog, a combined line', () => combined.finished(exchange, 1_012.3));
measure('ExchangeLog, a JSON line with all fields', () => json.finished(exchange, 1_012.3));
