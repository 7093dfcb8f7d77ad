import { HELD, HeldValues } from '../../../../src/shared-memory/held.ts';
import { createRegions } from '../../../../src/shared-memory/regions.ts';
import { WorkerMetrics } from '../../../../src/telemetry/metrics/worker-metrics.ts';
import { measure } from '../../measure.ts';

const regions = createRegions(2);
const route = new WorkerMetrics(regions, 0).route(1);
const held = new HeldValues(regions, 0);

measure('RouteMetrics.record (counter, histogram)', () => route.record(0, 200, 0.0042));
measure('HeldValues.add (atomic, own row)', () => held.add(HELD.requests, 1));
