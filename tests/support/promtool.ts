import { spawnSync } from 'node:child_process';

/** Why tests with promtool and Prometheus are skipped, or false when they are installed. */
export const MISSING_PROMETHEUS: string | false =
  spawnSync('promtool', ['--version']).status === 0 ? false : 'missing: promtool and prometheus';

/** What `promtool check metrics` complains about; empty when it finds nothing. */
export function promtoolComplaints(text: string): string {
  const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return status === 0 ? '' : `status ${status}\n${stderr}${stdout}`;
}
