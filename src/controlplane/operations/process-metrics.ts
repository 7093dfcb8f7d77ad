import { collectDefaultMetrics, Gauge, Registry } from '@prometheus-io/client';

/** Metrics of the process itself, from the standard client library. */
export class ProcessMetrics {
  private readonly registry: Registry = new Registry();
  private readonly restarts: Gauge;

  constructor(version: string) {
    collectDefaultMetrics({ register: this.registry });
    const info = new Gauge({
      name: 'rwwwrse_build_info',
      help: 'Version of the program and of its runtime; always 1.',
      labelNames: ['version', 'node_version'],
      registers: [this.registry],
    });
    info.set({ version, node_version: process.version }, 1);
    this.restarts = new Gauge({ name: 'rwwwrse_worker_restarts', help: 'Workers replaced since the start.', registers: [this.registry] });
  }

  /** Text format 0.0.4. */
  render(restarts: number): Promise<string> {
    this.restarts.set(restarts);
    return this.registry.metrics();
  }
}
