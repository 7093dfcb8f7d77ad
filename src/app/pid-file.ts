import { rmSync, writeFileSync } from 'node:fs';
import type { ApplicationLog } from '../telemetry/logs/application-log.ts';

/** Writes the pid file; returns what removes it. A file that cannot be written is a warning: the proxy serves without it. */
export function writePidFile(path: string | null, log: ApplicationLog): () => void {
  if (path === null) return () => undefined;
  try {
    writeFileSync(path, `${process.pid}\n`, { mode: 0o644 });
  } catch (error) {
    log.warn('the pid file cannot be written', { path, code: (error as NodeJS.ErrnoException).code });
    return () => undefined;
  }
  return () => rmSync(path, { force: true });
}
