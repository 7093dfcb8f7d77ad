import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ApplicationLog } from '../telemetry/logs/application-log.ts';

/**
 * Writes the pid file; returns what removes it, unless it names another process by then: a successor's. A file that cannot be
 * written is a warning: the proxy serves without it.
 */
export function writePidFile(path: string | null, log: ApplicationLog): () => void {
  if (path === null) return () => undefined;
  try {
    writeFileSync(path, `${process.pid}\n`, { mode: 0o644 });
  } catch (error) {
    log.warn('the pid file cannot be written', { path, code: (error as NodeJS.ErrnoException).code });
    return () => undefined;
  }
  return () => {
    if (readText(path) === `${process.pid}\n`) rmSync(path, { force: true });
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
