import { existsSync, readFileSync } from 'node:fs';

/** What a JSON line of the access log says about failures. */
export interface AccessLine {
  readonly code: string | null;
  readonly fault: string | null;
  readonly phase: string | null;
  readonly attempts: number;
  readonly status: number;
  readonly request_id: string;
  readonly response_time: number;
  readonly [phase: `${string}_ms`]: number | null;
}

/** The whole lines of a JSON access log. */
export function linesOf(path: string): AccessLine[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'latin1').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AccessLine);
}
