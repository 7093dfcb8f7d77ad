import { serve } from '../app/serve.ts';
import type { ConfigFlags } from '../config/load.ts';
import { loadConfigIsolated } from '../config/load-isolated.ts';
import { type ConfigProblem, formatProblem } from '../config/problem.ts';
import type { ResolvedConfig } from '../config/resolved-config.ts';

const EXIT_BAD_CONFIG = 1;

/** Runs the proxy: loads the configuration, says everything that is wrong with it at once, serves. */
export async function serveCommand(flags: ConfigFlags, env: NodeJS.ProcessEnv): Promise<number> {
  const loaded = await loadConfigIsolated(flags, env);
  for (const warning of loaded.warnings) process.stderr.write(`rwwwrse: ${formatProblem(warning)}\n`);
  const problems = 'problems' in loaded ? loaded.problems : await routingProblems(loaded.config);
  if ('problems' in loaded || problems.length > 0) {
    for (const problem of problems) process.stderr.write(`rwwwrse: ${formatProblem(problem)}\n`);
    return EXIT_BAD_CONFIG;
  }
  const launcherFd = Number(env.RWWWRSE_LAUNCHER_FD ?? Number.NaN);
  return serve({ loaded, launcherFd: Number.isInteger(launcherFd) ? launcherFd : null, env });
}

/** Routing tests of the configuration that fail; the code that runs them is loaded only where there are any. */
async function routingProblems(config: ResolvedConfig): Promise<readonly ConfigProblem[]> {
  if (config.traffic.tests.length === 0) return [];
  const { checkTraffic } = await import('../controlplane/explain/check.ts');
  return checkTraffic(config);
}
