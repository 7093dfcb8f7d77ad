import type { LoadedConfig, RefusedConfig } from '../../config/load.ts';
import type { ConfigProblem } from '../../config/problem.ts';
import type { RoutingTest } from '../../config/route-settings.ts';
import { loadFor } from '../command-context.ts';
import type { CommandContext, ConfigOptions } from '../command-context.ts';
import { EXIT_OK, EXIT_PROBLEM } from '../exit-status.ts';
import { jsonOutcome } from '../outcome.ts';
import type { CommandOutcome } from '../outcome.ts';
import { demoRemark } from './refused.ts';
import { countFindings, countText, findingLines } from '../text/findings.ts';

/** `--config-check` and what may stand beside it. */
export interface ConfigCheckOptions extends ConfigOptions {
  /** What a start would do short of binding: that is what the check does in any case (SPEC C). */
  readonly dryRun?: boolean;
}

/** What a configuration's own test (`tests:`) came to. */
interface TestResult {
  readonly request: string;
  /** Expected route. */
  readonly route: string | null;
  readonly origin: string;
  readonly ok: boolean;
}

interface CheckResult {
  readonly errors: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
  readonly tests: readonly TestResult[];
}

/** `rwwwrse --config-check`: every finding with its place, then a line that counts them (SPEC C). Status 1 with an error. */
export async function configCheck(options: ConfigCheckOptions, context: CommandContext): Promise<CommandOutcome> {
  const loaded = await loadFor(options, context);
  const result = await check(loaded);
  const { errors, warnings, tests } = result;
  const ok = errors.length === 0;
  const status = ok ? EXIT_OK : EXIT_PROBLEM;
  if (options.json === true) return jsonOutcome(status, { ok, ...result });
  const verdict = ok ? context.style('good', 'configuration ok') : context.style('bad', 'configuration refused');
  const testCount = tests.length === 0 ? '' : `; ${countText(tests.length, 'test')}, ${failed(tests)} failed`;
  const counts = `${countFindings([...errors, ...warnings])}${testCount}`;
  return {
    status,
    stdout: `${findingLines([...warnings, ...errors], context.style)}${verdict}: ${counts}\n`,
    stderr: 'config' in loaded ? demoRemark(loaded) : '',
  };
}

async function check(loaded: LoadedConfig | RefusedConfig): Promise<CheckResult> {
  const { warnings } = loaded;
  if ('problems' in loaded) return { errors: loaded.problems, warnings, tests: [] };
  return checkRunning(loaded);
}

/** Builds routes and pools as a worker does and runs the configuration's own tests; nothing is bound and nothing is sent. */
async function checkRunning({ config, warnings }: LoadedConfig): Promise<CheckResult> {
  const { checkTraffic } = await import('../../controlplane/explain/check.ts');
  const found = await checkTraffic(config);
  const errors = found.filter(({ severity }) => severity === 'error');
  const tests = config.traffic.tests.map((test, index) => testResult(test, `tests[${index}]`, errors));
  return { errors, warnings: [...warnings, ...found.filter(({ severity }) => severity !== 'error')], tests };
}

/** A test has failed when an error bears its key. */
function testResult(
  { method, url, route, origin }: RoutingTest,
  key: string,
  errors: readonly ConfigProblem[],
): TestResult {
  const ok = !errors.some((error) => error.key === key);
  return { request: `${method} ${url}`, route, origin, ok };
}

function failed(tests: readonly TestResult[]): number {
  return tests.filter(({ ok }) => !ok).length;
}
