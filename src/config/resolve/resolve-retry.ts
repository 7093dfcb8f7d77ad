import type { RetryBudgetSettings, RetrySettings } from '../resilience-settings.ts';
import type { CheckedConfig } from '../schema.ts';
import type { Findings } from './findings.ts';

type CheckedRoute = CheckedConfig['routes'][string];

/** Retries of the default backend, and of every route that says nothing else. */
export function resolveDefaultRetry({ retry }: CheckedConfig, findings: Findings): RetrySettings {
  checkIntervals(['retry'], retry, findings);
  return settingsOf(retry);
}

/** Retries of one route. `retries: n` asks for n retries, whatever is switched off for the whole file. */
export function resolveRetry(
  path: readonly string[],
  { retry: block, retries }: CheckedRoute,
  { checked, retry }: { readonly checked: CheckedConfig; readonly retry: RetrySettings },
  findings: Findings,
): RetrySettings {
  // The same object for all that write nothing: it crosses to the workers once.
  if (block === undefined && retries === undefined) return retry;
  const own = Object.fromEntries(Object.entries(block ?? {}).filter(([, value]) => value !== undefined));
  const written = { ...checked.retry, ...own };
  if (block !== undefined) checkIntervals([...path, 'retry'], written, findings);
  if (retries === undefined) return settingsOf(written);
  if (block?.max_attempts !== undefined)
    findings.add('error', [...path, 'retries'], 'retries and retry.max_attempts are both written', 'one of them');
  return settingsOf({ ...written, enabled: block?.enabled ?? true, max_attempts: retries + 1 });
}

/** What all retries together may add. */
export function resolveRetryBudget({ retry }: CheckedConfig): RetryBudgetSettings {
  return { share: retry.budget.share, minPerSecond: retry.budget.min_per_second };
}

function settingsOf(block: CheckedConfig['retry']): RetrySettings {
  return {
    attempts: block.enabled ? block.max_attempts : 1,
    causes: [...new Set(block.on)],
    anyMethod: block.any_method,
    initialIntervalMs: block.initial_interval,
    maxIntervalMs: Math.max(block.initial_interval, block.max_interval),
    multiplier: block.multiplier,
    perTryTimeoutMs: block.per_try_timeout,
    bodyLimitBytes: block.body_limit,
  };
}

/** A first wait above the longest one counts for both; only who wrote both is told. */
function checkIntervals(path: readonly string[], block: CheckedConfig['retry'], findings: Findings): void {
  const isWritten = ['initial_interval', 'max_interval'].every((key) => findings.isWritten([...path, key].join('.')));
  if (isWritten && block.initial_interval > block.max_interval)
    findings.add('error', [...path, 'max_interval'], 'is shorter than initial_interval');
}
