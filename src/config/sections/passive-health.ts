import { inheritedShape } from './inherited-shape.ts';
import { shareField } from './number-fields.ts';
import { booleanField, durationField, integerField } from './scalar-fields.ts';

const MAX_COUNT = 1_000_000;

const passive = {
  enabled: booleanField(),
  consecutive_failures: integerField(0, MAX_COUNT),
  failure_share: shareField(),
  window: durationField(1_000),
  min_requests: integerField(1, MAX_COUNT),
  eject_time: durationField(1),
  max_eject_time: durationField(1),
  max_ejected: shareField(),
};

/** SPEC F: ejection of backends by live traffic, block `passive_health`. */
export const passiveHealthShape = {
  enabled: passive.enabled.prefault(true).meta({ description: 'Take backends out that fail requests of clients.' }),
  consecutive_failures: passive.consecutive_failures.prefault(5).meta({
    description: 'Failures in a row that take a backend out; 0 = not looked at.',
  }),
  failure_share: passive.failure_share.prefault(0).meta({
    description: 'Share of failed attempts within window that takes a backend out; 0 = not looked at.',
  }),
  window: passive.window.prefault('10s').meta({ description: 'Time over which failure_share is taken.' }),
  min_requests: passive.min_requests.prefault(20).meta({
    description: 'Attempts within window below which failure_share is not looked at.',
  }),
  eject_time: passive.eject_time.prefault('10s').meta({
    description: 'First time out; the second in a row is twice as long, the third three times, up to max_eject_time.',
  }),
  max_eject_time: passive.max_eject_time.prefault('5m').meta({ description: 'Longest time out.' }),
  max_ejected: passive.max_ejected.prefault('50%').meta({
    description: 'Share of a group that may be out at a time; one of two or more always may.',
  }),
};

/** The block `passive_health` of a route. */
export const routePassiveHealthShape = inheritedShape('passive_health', passive);

const breaker = {
  enabled: booleanField(),
  threshold: integerField(1, MAX_COUNT),
  timeout: durationField(1),
  max_requests: integerField(1, MAX_COUNT),
  success_threshold: integerField(1, MAX_COUNT),
};

/** SPEC A.4 and A.11 C17: block `circuit_breaker`. */
export const circuitBreakerShape = {
  enabled: breaker.enabled.prefault(true).meta({ description: 'Stop asking a backend that fails every request.' }),
  threshold: breaker.threshold.prefault(10).meta({ description: 'Failures in a row that open the breaker.' }),
  timeout: breaker.timeout.prefault('60s').meta({ description: 'Open for so long before trial requests go through.' }),
  max_requests: breaker.max_requests.prefault(10).meta({ description: 'Most trial requests at a time.' }),
  success_threshold: breaker.success_threshold.prefault(2).meta({
    description: 'Trial requests that must go well to close it; one that fails opens it again.',
  }),
};

/** The block `circuit_breaker` of a route. */
export const routeCircuitBreakerShape = inheritedShape('circuit_breaker', breaker);
