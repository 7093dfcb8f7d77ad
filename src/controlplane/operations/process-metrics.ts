import type { Gauge, Registry } from '@prometheus-io/client';

/** What the library's registry holds for us. */
interface Open {
  readonly registry: Registry;
  readonly restarts: Gauge;
}

/** Metrics of the process itself, from the standard client library, which is loaded by the first scrape: it costs 9 MB. */
export class ProcessMetrics {
  private readonly version: string;
  private opened: Promise<Open> | null = null;

  constructor(version: string) {
    this.version = version;
  }

  /** Text format 0.0.4. */
  async render(restarts: number): Promise<string> {
    const { registry, restarts: gauge } = await (this.opened ??= open(this.version));
    gauge.set(restarts);
    return registry.metrics();
  }
}

async function open(version: string): Promise<Open> {
  const { collectDefaultMetrics, Gauge, Registry } = await import('@prometheus-io/client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const info = new Gauge({
    name: 'rwwwrse_build_info',
    help: 'Version of the program and of its runtime; always 1.',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  });
  info.set({ version, node_version: process.version }, 1);
  const restarts = new Gauge({
    name: 'rwwwrse_worker_restarts',
    help: 'Workers replaced since the start.',
    registers: [registry],
  });
  return { registry, restarts };
}
