import type { StaticSettings } from '../../src/config/resolved-config.ts';
import { ACCESS_LOG, APPLICATION_LOG } from './log-settings.ts';

/** What only a restart changes, for workers that take plans and listen nowhere. */
export function silentSettings(workers: number): StaticSettings {
  return {
    listeners: [],
    workers,
    shutdownDelayMs: 0,
    shutdownTimeoutMs: 0,
    pidFile: null,
    upgradeTimeoutMs: 30_000,
    accessLog: { ...ACCESS_LOG, enabled: false },
    log: APPLICATION_LOG,
    bufferBudgetBytes: 33_554_432,
    reload: { watch: false, lastGoodPath: null, fallsBack: false },
  };
}
