import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { SEARCH_PATH } from './machine.ts';
import type { Workspace } from './workspace.ts';

/** One run of wrk, as wrk-report.lua prints it; the last five are counts of failures. */
export interface WrkReport {
  readonly requests: number;
  readonly bytes: number;
  readonly durationUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly connect: number;
  readonly read: number;
  readonly write: number;
  readonly timeout: number;
  readonly status: number;
}

/** Keep-alive connections of every load row (the bars are stated for 64). */
const CONNECTIONS = 64;

const SCRIPT = fileURLToPath(new URL('wrk-report.lua', import.meta.url));

/**
 * Runs `wrk -t1 -c64` for `durationMs` on the core of this process. wrk itself counts in whole seconds: another duration is cut
 * short by SIGINT, after which wrk reports what it measured. Rejects when wrk prints no report.
 */
export async function runWrk(workspace: Workspace, url: string, durationMs: number): Promise<WrkReport> {
  const isWhole = durationMs % 1000 === 0;
  const seconds = Math.ceil(durationMs / 1000) + (isWhole ? 0 : 1);
  const argv = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', '-s', SCRIPT, url];
  const child = spawn('wrk', argv, { env: { PATH: SEARCH_PATH }, stdio: ['ignore', 'pipe', 'inherit'] });
  const endable = { stop: async () => void child.kill('SIGKILL'), kill: () => void child.kill('SIGKILL') };
  workspace.add(endable);
  const interrupt = isWhole ? undefined : setTimeout(() => child.kill('SIGINT'), durationMs);
  try {
    return parseReport(await readOutput(child));
  } finally {
    clearTimeout(interrupt);
    workspace.remove(endable);
  }
}

async function readOutput(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('wrk: no output');
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return output;
}

function parseReport(output: string): WrkReport {
  const report = /^REPORT (.*)$/m.exec(output)?.[1];
  if (report === undefined) throw new Error(`wrk printed no report: ${output.trim().slice(0, 300)}`);
  const parsed: WrkReport = JSON.parse(report);
  return parsed;
}
