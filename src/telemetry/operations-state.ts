/** A dependency as `/ready` shows it (SPEC B). */
export interface ReadinessCheck {
  readonly passed: boolean;
  /** Of the last check, `3ms`; null = none has ended. */
  readonly duration: string | null;
  readonly error: string | null;
}

/** What checks say of the program's health. */
export interface OperationsHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  /** Configured dependency checks by name: `healthy`, `unhealthy`, or `unknown` before the first check ended. */
  readonly checks: Readonly<Record<string, string>>;
  readonly readyChecks: Readonly<Record<string, ReadinessCheck>>;
  /** Why the program is not ready though it serves; null = nothing is in its way. */
  readonly obstacle: string | null;
}

/** Nothing is checked, or all is well. */
export const HEALTHY_PROGRAM: OperationsHealth = { status: 'healthy', checks: {}, readyChecks: {}, obstacle: null };

/** State of the program as its endpoints tell it; made in main, pushed to workers on change. */
export interface OperationsState extends OperationsHealth {
  /** It serves: it has started, and nobody told it to stop. */
  readonly ready: boolean;
  /** Why the program does not serve, for a person. */
  readonly message: string;
  /** Wall clock of the program's start, ms. */
  readonly startedMs: number;
}
