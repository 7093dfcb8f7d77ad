/** State of the program as its endpoints tell it; made in main, pushed to workers on change. */
export interface OperationsState {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  /** Configured dependency checks by name. */
  readonly checks: Readonly<Record<string, string>>;
  readonly ready: boolean;
  /** Why the program is not ready, for a person. */
  readonly message: string;
  /** Wall clock of the program's start, ms. */
  readonly startedMs: number;
}
