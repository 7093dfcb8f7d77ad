import type { Reply } from './reply.ts';

/** What a worker knows of the program's state: pushed by main on change, so that most answers need no question. */
export interface OperationsView {
  /** SPEC B: 200 healthy or degraded, 503 unhealthy. */
  health(): Reply;
  /** 503 before the first configuration runs and from the first moment of a drain. */
  readiness(): Reply;
  /** 503 when main shows no sign of life for 10 s. */
  liveness(): Reply;
  /**
   * Rendered in main; a failure code when it takes too long.
   *
   * @param accept the client's Accept field: text format or OpenMetrics
   */
  metrics(accept: string): Promise<Reply | 'metrics_timeout'>;
}
