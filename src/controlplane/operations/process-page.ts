import { HELD, type HeldValues } from '../../shared-memory/held.ts';
import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import type { MetricFamily } from '../../telemetry/metrics/metric-family.ts';
import { type Exposition, labelText } from '../../telemetry/metrics/exposition.ts';
import type { Sampler } from './sampler.ts';
import type { ThreadSample } from './thread-samples.ts';

/** When the process began, in seconds. */
const PROCESS_START: number = Date.now() / 1000 - process.uptime();

/** Writes the metrics of the process, under their own names and under those of Go programs. */
export function writeProcess(to: Exposition, sampler: Sampler, held: HeldValues): void {
  const sample = sampler.process;
  if (sample === null) return;
  to.single(CATALOGUE.cpuUsage, sample.cpuSeconds);
  to.single(CATALOGUE.memoryUsage, sample.residentBytes);
  writeGoMemory(to, sampler, sample.residentBytes);
  const resources = process.getActiveResourcesInfo().length;
  to.single(CATALOGUE.goGoroutines, resources + held.total(HELD.connections) + held.total(HELD.requests));
  known(to, CATALOGUE.goThreads, sample.threads);
  to.sample(to.family(CATALOGUE.goInfo), labelText('version', `node ${process.version}`), 1);
  to.single(CATALOGUE.processCpu, sample.cpuSeconds);
  to.single(CATALOGUE.processResident, sample.residentBytes);
  known(to, CATALOGUE.processVirtual, sample.virtualBytes);
  known(to, CATALOGUE.processOpenFds, sample.openFds);
  known(to, CATALOGUE.processMaxFds, sample.maxFds);
  to.single(CATALOGUE.processStart, PROCESS_START);
}

/** The alert divides alloc by sys (SPEC D.2): sys must be what the process really has, or an idle heap raises it. */
function writeGoMemory(to: Exposition, sampler: Sampler, residentBytes: number): void {
  const sum = (figure: (sample: ThreadSample) => number): number =>
    sampler.threads.values.reduce((total, { sample }) => total + figure(sample), 0);
  const used = sum(({ heapUsedBytes }) => heapUsedBytes);
  const total = sum(({ heapTotalBytes }) => heapTotalBytes);
  const external = sum(({ externalBytes }) => externalBytes);
  to.single(CATALOGUE.goAlloc, used + external);
  to.single(CATALOGUE.goSys, Math.max(residentBytes, total + external));
  to.single(CATALOGUE.goHeapAlloc, used);
  to.single(CATALOGUE.goHeapSys, total);
  to.single(
    CATALOGUE.goHeapInuse,
    sum(({ heapPhysicalBytes }) => heapPhysicalBytes),
  );
  to.single(CATALOGUE.goHeapIdle, Math.max(0, total - used));
  to.single(
    CATALOGUE.goNextGc,
    sum(({ heapLimitBytes }) => heapLimitBytes),
  );
}

function known(to: Exposition, family: MetricFamily, value: number | null): void {
  if (value !== null) to.single(family, value);
}
