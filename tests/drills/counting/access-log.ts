import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

import { count, type Tally } from './tally.ts';
import { countedAs } from './traffic.ts';

/** What an access log says. */
export interface LogCounts {
  /** Lines by method, path and status; those of the proxy's own endpoints are left out. */
  readonly tally: Tally;
  /** Workers that wrote it, by the prefixes of their request ids. */
  readonly workers: number;
}

const LINE = /"(\S+) (\S+) [^"]*" (\d{3}) .* request_id="([^"]{20})/;

/** Reads an access log line by line. */
export async function readAccessLog(path: string): Promise<LogCounts> {
  const tally: Tally = {};
  const prefixes = new Set<string>();
  for await (const line of createInterface({ input: createReadStream(path, 'latin1') })) {
    const [, method = '', target = '', status = '', prefix = ''] = LINE.exec(line) ?? [];
    prefixes.add(prefix);
    if (target !== '/metrics') count(tally, countedAs(method, target, Number(status)));
  }
  return { tally, workers: prefixes.size };
}
