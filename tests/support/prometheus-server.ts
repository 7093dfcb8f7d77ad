import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { freePort } from './free-port.ts';
import { killStarted } from './processes.ts';
import { until } from './until.ts';

/** One series of the answer to a query. */
export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [seconds: number, value: string];
}

/** A real Prometheus that scrapes one port every second as the job `rwwwrse`. */
export class PrometheusServer {
  private readonly port: number;

  constructor(port: number) {
    this.port = port;
  }

  /** Runs an instant query. */
  async query(expression: string): Promise<readonly QueryResult[]> {
    const url = `http://127.0.0.1:${this.port}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const answer = (await (await fetch(url)).json()) as { status: string; data: { result: QueryResult[] } };
    if (answer.status !== 'success') throw new Error(`${expression}: ${JSON.stringify(answer)}`);
    return answer.data.result;
  }

  /** Waits until a query has an answer. */
  untilFound(expression: string): Promise<readonly QueryResult[]> {
    return until(
      `Prometheus answers ${expression}`,
      async () => {
        const found = await this.query(expression).catch(() => []);
        return found.length > 0 && found;
      },
      30_000,
    );
  }
}

/** Starts Prometheus; it ends with the test. */
export async function startPrometheus(context: TestContext, scrapedPort: number): Promise<PrometheusServer> {
  const directory = mkdtempSync(join(tmpdir(), 'rwwwrse-prometheus-'));
  const port = await freePort();
  const scrape = `[{ job_name: rwwwrse, scrape_interval: 1s, static_configs: [{ targets: ['127.0.0.1:${scrapedPort}'] }] }]`;
  writeFileSync(join(directory, 'prometheus.yml'), `scrape_configs: ${scrape}\n`);
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  context.after(async () => {
    killStarted(child.pid as number);
    await until('Prometheus ended', () => child.exitCode !== null || child.signalCode !== null);
    rmSync(directory, { recursive: true, force: true });
  });
  return new PrometheusServer(port);
}
