import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseDuration } from '../../base/time/duration.ts';
import { loadFor } from '../command-context.ts';
import type { CommandContext, ConfigOptions } from '../command-context.ts';
import { EXIT_OK, EXIT_PROBLEM } from '../exit-status.ts';
import { lookAtInstance } from '../instance/look.ts';
import { placeOfConfig, placeOfUrl } from '../instance/place.ts';
import type { InstancePlace } from '../instance/place.ts';
import { statusText } from '../instance/status-text.ts';
import { jsonOutcome, problemOutcome, usageOutcome } from '../outcome.ts';
import type { CommandOutcome } from '../outcome.ts';
import { refusedOutcome } from './refused.ts';

/** Options of `status`. */
export interface StatusOptions extends ConfigOptions {
  /** Base URL of the instance; without it the configuration says where one answers. */
  readonly url?: string;
  /** Duration over which current rates are taken. */
  readonly sample: string;
}

const MAX_SAMPLE_MS = 600_000;
const URLS = 'http://host:port, https://host:port or unix:/path';

/** `rwwwrse status`: a running instance at a glance; status 1 when nothing runs there or it is not ready. */
export async function status(options: StatusOptions, context: CommandContext): Promise<CommandOutcome> {
  const sampleMs = parseDuration(options.sample);
  if (sampleMs === null || sampleMs > MAX_SAMPLE_MS)
    return usageOutcome(`--sample ${JSON.stringify(options.sample)} is not a duration from 0s to 10m`, 'status');
  const place = await findPlace(options, context);
  if ('stderr' in place) return place;
  const isJson = options.json === true;
  const report = await lookAtInstance(place, { readPid, pause: async () => delay(sampleMs), isSampled: sampleMs > 0 });
  if (!report.running) {
    return isJson ? jsonOutcome(EXIT_PROBLEM, report) : problemOutcome(report.message);
  }
  const exitStatus = report.ready === false ? EXIT_PROBLEM : EXIT_OK;
  if (isJson) return jsonOutcome(exitStatus, report);
  return { status: exitStatus, stdout: statusText(report, context.style), stderr: '' };
}

async function findPlace(options: StatusOptions, context: CommandContext): Promise<InstancePlace | CommandOutcome> {
  const { url } = options;
  if (url !== undefined) {
    const place = placeOfUrl(url);
    return place ?? usageOutcome(`--url ${JSON.stringify(url)} is not a base URL; allowed: ${URLS}`, 'status');
  }
  const loaded = await loadFor(options, context);
  if ('problems' in loaded) return refusedOutcome(loaded, options.json === true);
  const place = placeOfConfig(loaded.config);
  return place ?? problemOutcome('no listener of the configuration speaks HTTP/1.1; name an instance by --url');
}

/** The process that a pid file names; null without one, and when it does not run. */
function readPid(path: string): number | null {
  try {
    const pid = Number(/^\d{1,10}$/.exec(readFileSync(path, 'utf8').trim())?.[0] ?? 0);
    return pid > 0 && isRunning(pid) ? pid : null;
  } catch {
    return null;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It runs as somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
