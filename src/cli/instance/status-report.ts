import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import type { ConfiguredListener } from './place.ts';
import type { Sample, SampleSet } from './samples.ts';

/** A counter over the life of the instance and its current rate. */
export interface CountedRate {
  readonly total: number;
  /** Per second over the sample; null when none was taken. */
  readonly perSecond: number | null;
}

/** Traffic of one backend. */
export interface BackendReport {
  readonly name: string;
  readonly requests: CountedRate;
  /** Attempts that ended in a 5xx or in no answer. */
  readonly failures: CountedRate;
  /** 95 % of the answers of the last minutes came within this time; null without answers. */
  readonly p95Seconds: number | null;
  readonly connections: {
    readonly active: number | null;
    readonly idle: number | null;
    /** Requests that wait for a connection. */
    readonly pending: number | null;
  };
}

/** Requests that failed with one code. */
export interface FailureReport {
  readonly code: string;
  /** `client`, `backend` or `proxy`. */
  readonly fault: string;
  /** In the last five minutes. */
  readonly recent: number;
  readonly total: number;
}

/** What the metrics of an instance say, for people in a hurry. */
export interface TrafficReport {
  /** Without the requests for the instance's own endpoints. */
  readonly requests: CountedRate;
  /** Requests answered with 4xx. */
  readonly clientErrors: CountedRate;
  /** Requests answered with 5xx. */
  readonly serverErrors: CountedRate;
  readonly connections: {
    readonly clients: number | null;
    readonly requestsInFlight: number | null;
    readonly backendsActive: number | null;
    readonly backendsIdle: number | null;
  };
  readonly memoryBytes: number | null;
  readonly workers: number | null;
  readonly workerRestarts: number | null;
  readonly internalDefects: number | null;
  /** Those that happened since the start, the most frequent of the last minutes first. */
  readonly failures: readonly FailureReport[];
  readonly backends: readonly BackendReport[];
}

/** A running instance at a glance; null is what it does not tell. */
export interface StatusReport {
  readonly running: true;
  readonly at: string;
  readonly version: string | null;
  readonly nodeVersion: string | null;
  readonly pid: number | null;
  /** `healthy`, `degraded`, `unhealthy`. */
  readonly health: string | null;
  readonly ready: boolean | null;
  /** Why it is not ready. */
  readonly message: string | null;
  readonly uptime: string | null;
  readonly listeners: readonly ConfiguredListener[];
  readonly traffic: TrafficReport | null;
  /** Why there is no traffic to show. */
  readonly trafficMissing: string | null;
}

/** There is no instance to report on. */
export interface NotRunning {
  readonly running: false;
  readonly at: string;
  /** One line: what is wrong and what to do. */
  readonly message: string;
}

/** Metrics at one moment. */
export interface Reading {
  readonly samples: SampleSet;
  readonly atMs: number;
}

type Counted = (samples: SampleSet) => readonly Sample[];

/**
 * What two readings say.
 *
 * @param first null = only totals, no rates
 */
export function trafficReport(first: Reading | null, last: Reading): TrafficReport {
  const rate = (counted: Counted): CountedRate => countedRate(counted, first, last);
  const { samples } = last;
  return {
    requests: rate(traffic),
    clientErrors: rate((each) => traffic(each).filter((sample) => isStatus(sample, 400, 499))),
    serverErrors: rate((each) => traffic(each).filter((sample) => isStatus(sample, 500, 599))),
    connections: {
      clients: samples.sum(CATALOGUE.activeConnections),
      requestsInFlight: samples.sum(CATALOGUE.activeRequests),
      backendsActive: samples.sum(CATALOGUE.upstreamActive),
      backendsIdle: samples.sum(CATALOGUE.upstreamIdle),
    },
    memoryBytes: samples.sum(CATALOGUE.memoryUsage),
    workers: samples.sum(CATALOGUE.workers),
    workerRestarts: samples.sum(CATALOGUE.workerRestarts),
    internalDefects: samples.sum(CATALOGUE.internalDefects),
    failures: failureReports(samples),
    backends: backendNames(samples).map((name) => backendReport(name, samples, rate)),
  };
}

/** All requests, and those that the own endpoints answered with a minus: a route may have the path of an endpoint. */
function traffic(samples: SampleSet): readonly Sample[] {
  const own = samples.all(CATALOGUE.endpointRequests).map((sample) => ({ ...sample, value: -sample.value }));
  return [...samples.all(CATALOGUE.requests), ...own];
}

function failureReports(samples: SampleSet): readonly FailureReport[] {
  const recent = samples.all(CATALOGUE.failuresRecent);
  const reports = samples.all(CATALOGUE.failures).map(({ labels, value: total }) => {
    const code = labels.get('code') ?? '';
    return { code, fault: labels.get('fault') ?? '', recent: labelled(recent, { code })[0]?.value ?? 0, total };
  });
  return reports
    .filter(({ total }) => total > 0)
    .toSorted((a, b) => b.recent - a.recent || b.total - a.total || (a.code < b.code ? -1 : 1));
}

function backendReport(name: string, last: SampleSet, rate: (counted: Counted) => CountedRate): BackendReport {
  const attempts: Counted = (samples) => labelled(samples.all(CATALOGUE.backendRequests), { backend: name });
  const failed: Counted = (samples) => attempts(samples).filter((sample) => !isStatus(sample, 100, 499));
  const p95 = labelled(last.all(CATALOGUE.backendResponseTime), { backend: name, quantile: '0.95' })[0]?.value;
  const connections = (state: string): number | null =>
    labelled(last.all(CATALOGUE.backendConnections), { backend: name, state })[0]?.value ?? null;
  return {
    name,
    requests: rate(attempts),
    failures: rate(failed),
    p95Seconds: p95 === undefined || Number.isNaN(p95) ? null : p95,
    connections: { active: connections('active'), idle: connections('idle'), pending: connections('pending') },
  };
}

function labelled(samples: readonly Sample[], wanted: Readonly<Record<string, string>>): readonly Sample[] {
  return samples.filter(({ labels }) => Object.entries(wanted).every(([name, value]) => labels.get(name) === value));
}

function backendNames(samples: SampleSet): readonly string[] {
  const names = samples.all(CATALOGUE.backendRequests).map(({ labels }) => labels.get('backend') ?? '');
  return [...new Set(names)].toSorted();
}

function countedRate(counted: Counted, first: Reading | null, last: Reading): CountedRate {
  const total = sumOf(counted(last.samples));
  if (first === null || last.atMs <= first.atMs) return { total, perSecond: null };
  // A restart between the readings begins at 0 again.
  const added = Math.max(0, total - sumOf(counted(first.samples)));
  return { total, perSecond: added / ((last.atMs - first.atMs) / 1_000) };
}

function sumOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { value }) => sum + value, 0);
}

function isStatus({ labels }: Sample, from: number, to: number): boolean {
  const status = Number(labels.get('status'));
  return status >= from && status <= to;
}
