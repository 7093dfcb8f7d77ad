import { readFileSync } from 'node:fs';

const SWITCH = '/proc/sys/net/ipv4/tcp_migrate_req';

/**
 * Whether connections that wait in the accept queue of a dying worker are reset: Linux moves them to another worker's queue
 * only with `net.ipv4.tcp_migrate_req=1` (5.14 and later). False where there is no such switch to set.
 */
export function losesAcceptQueue(): boolean {
  try {
    return readFileSync(SWITCH, 'utf8').trim() === '0';
  } catch {
    return false;
  }
}
