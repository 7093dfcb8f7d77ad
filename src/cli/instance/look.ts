import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import { askInstance } from './ask.ts';
import type { InstanceAnswer, NoAnswer } from './ask.ts';
import type { InstancePlace } from './place.ts';
import { parseSamples, SampleSet } from './samples.ts';
import { trafficReport } from './status-report.ts';
import type { NotRunning, Reading, StatusReport } from './status-report.ts';

/** What a look needs besides the instance. */
export interface LookOptions {
  /** The number in a pid file, or null. */
  readonly readPid: (path: string) => number | null;
  /** false: one reading and no rates. */
  readonly isSampled: boolean;
  /** Waits between the two readings that make a rate. */
  readonly pause: () => Promise<void>;
}

type Answer = InstanceAnswer | NoAnswer | null;

/** Asks an instance for its health, its readiness and twice for its metrics; never throws. */
export async function lookAtInstance(place: InstancePlace, options: LookOptions): Promise<StatusReport | NotRunning> {
  const { paths } = place;
  const health = await ask(place, paths.health);
  const readiness = await ask(place, paths.readiness);
  const metrics = await ask(place, paths.metrics);
  const first = readingOf(metrics);
  const facts = processFacts(health, readiness, first);
  if (facts.version === null) return notRunning(place, [health, metrics]);
  const second = first !== null && options.isSampled ? await readAgain(place, options) : null;
  const last = second ?? first;
  return {
    running: true,
    at: place.text,
    ...facts,
    pid: place.pidFile === null ? null : options.readPid(place.pidFile),
    listeners: place.listeners,
    traffic: last === null ? null : trafficReport(second === null ? null : first, last),
    trafficMissing: last === null ? missingText(metrics) : null,
  };
}

async function ask(place: InstancePlace, path: string | null): Promise<Answer> {
  return path === null ? null : askInstance(place, path);
}

async function readAgain(place: InstancePlace, options: LookOptions): Promise<Reading | null> {
  await options.pause();
  return readingOf(await ask(place, place.paths.metrics));
}

/** Where the metrics are off, a backend may answer their path: only a page with the build counts. */
function readingOf(answer: Answer): Reading | null {
  if (answer === null || 'code' in answer || answer.status !== 200) return null;
  const samples = new SampleSet(parseSamples(answer.body));
  return samples.all(CATALOGUE.buildInfo).length === 0 ? null : { samples, atMs: performance.now() };
}

type ProcessFacts = Pick<StatusReport, 'version' | 'nodeVersion' | 'health' | 'ready' | 'message' | 'uptime'>;

function processFacts(health: Answer, readiness: Answer, metrics: Reading | null): ProcessFacts {
  const { version, status, uptime } = jsonOf(health);
  const { ready, message } = jsonOf(readiness);
  const isKnown = typeof version === 'string' && typeof uptime === 'string';
  return {
    version: isKnown ? version : buildLabel(metrics, 'version'),
    nodeVersion: buildLabel(metrics, 'node_version'),
    health: textOf(status),
    ready: typeof ready === 'boolean' ? ready : null,
    message: textOf(message),
    uptime: textOf(uptime),
  };
}

function buildLabel(metrics: Reading | null, label: string): string | null {
  return metrics?.samples.all(CATALOGUE.buildInfo)[0]?.labels.get(label) ?? null;
}

function jsonOf(answer: Answer): Readonly<Record<string, unknown>> {
  if (answer === null || 'code' in answer) return {};
  try {
    const value = JSON.parse(answer.body) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

const ELSEWHERE = '--url names another place';

function notRunning({ text: at, paths }: InstancePlace, answers: readonly Answer[]): NotRunning {
  const asked = answers.filter((answer) => answer !== null);
  const failure = asked.find((answer) => 'code' in answer);
  let message = `what answers at ${at} is not rwwwrse; ${ELSEWHERE}`;
  if (paths.health === null && paths.metrics === null)
    message = 'the configuration has health.enabled and metrics.enabled off: there is nothing to read a status from';
  else if (failure !== undefined)
    message = `nothing runs at ${at}: ${NO_ANSWER.get(failure.code) ?? failure.code}; ${ELSEWHERE}`;
  return { running: false, at, message };
}

const NO_ANSWER: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'the connection is refused'],
  ['ENOENT', 'there is no such socket'],
  ['ENOTFOUND', 'the name is not known'],
  ['ETIMEDOUT', 'no answer within 5 s'],
  ['ECONNRESET', 'the connection is cut'],
  ['EACCES', 'this user may not connect'],
  ['EHOSTUNREACH', 'the machine cannot be reached'],
  ['ENETUNREACH', 'the network cannot be reached'],
]);

function missingText(metrics: Answer): string {
  if (metrics === null) return 'metrics.enabled is false';
  if ('code' in metrics) return `the metrics did not come (${NO_ANSWER.get(metrics.code) ?? metrics.code})`;
  if (metrics.status === 403) return 'the metrics are refused (403): metrics.allow does not list this address';
  if (metrics.status === 200) return 'what answers at the path of the metrics is something else';
  return `the metrics are answered with ${metrics.status}`;
}
