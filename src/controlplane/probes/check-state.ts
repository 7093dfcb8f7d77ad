/** After how many checks in a row a state changes. */
export interface CheckThresholds {
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
}

/** What a check changed: `degraded` is the first failure of a series that has not changed the state yet. */
export type CheckChange = 'none' | 'degraded' | 'failed' | 'recovered';

/**
 * Health by thresholds (SPEC F, Active health). The first check decides at once, and until the first success one success is
 * enough: a program and its backends that start together find each other without waiting for thresholds.
 */
export class CheckState {
  isHealthy: boolean;
  consecutiveSuccesses = 0;
  consecutiveFailures = 0;
  /** A check has ended. */
  isDecided = false;
  /** A check has passed. */
  hasPassed = false;
  private readonly thresholds: CheckThresholds;

  /** @param initiallyHealthy what it counts as until its first check ended */
  constructor(thresholds: CheckThresholds, initiallyHealthy: boolean) {
    this.thresholds = thresholds;
    this.isHealthy = initiallyHealthy;
  }

  /** Counts a check that ended. */
  record(hasPassed: boolean): CheckChange {
    const change = hasPassed ? this.success() : this.failure();
    this.isDecided = true;
    this.hasPassed ||= hasPassed;
    return change;
  }

  private success(): CheckChange {
    this.consecutiveSuccesses++;
    this.consecutiveFailures = 0;
    const needed = this.hasPassed ? this.thresholds.healthyThreshold : 1;
    if (this.isHealthy || this.consecutiveSuccesses < needed) return 'none';
    this.isHealthy = true;
    return 'recovered';
  }

  private failure(): CheckChange {
    this.consecutiveFailures++;
    this.consecutiveSuccesses = 0;
    if (!this.isHealthy) return this.isDecided ? 'none' : 'failed';
    const needed = this.isDecided ? this.thresholds.unhealthyThreshold : 1;
    if (this.consecutiveFailures < needed) return this.consecutiveFailures === 1 ? 'degraded' : 'none';
    this.isHealthy = false;
    return 'failed';
  }
}
