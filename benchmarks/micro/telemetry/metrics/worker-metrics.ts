import { HELD, HeldValues } from '../../../../src/shared-memory/held.ts';
import { createRegions } from '../../../../src/shared-memory/regions.ts';
import { WorkerMetrics } from '../../../../src/telemetry/metrics/worker-metrics.ts';
import { measure } from '../../measure.ts';

const regions = createRegions(2);
const route = new WorkerMetrics(regions, 0).route(1);
const backend = new WorkerMetrics(regions, 0).backend(1);
const detailed = new WorkerMetrics(regions, 0, { enabled: true, detailed: true }).rawPaths;
const held = new HeldValues(regions, 0);

measure('RouteMetrics.record (counter, histogram)', () => route.record(0, 200, 0.0042));
measure('BackendMetrics.record (counter, fine histogram)', () => backend.record(200, 0.0042));
measure('RawPaths.of (RWWWRSE_DETAILED_METRICS)', () => detailed?.of('/users/42/orders'));
measure('HeldValues.add (atomic, own row)', () => held.add(HELD.requests, 1));
