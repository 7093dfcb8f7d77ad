import { serve } from '../app/serve.ts';
import type { ConfigFlags } from '../config/load.ts';
import { loadConfigIsolated } from '../config/load-isolated.ts';
import { formatProblem } from '../config/problem.ts';

const EXIT_BAD_CONFIG = 1;

/** Runs the proxy: loads the configuration, says everything that is wrong with it at once, serves. */
export async function serveCommand(flags: ConfigFlags, env: NodeJS.ProcessEnv): Promise<number> {
  const loaded = await loadConfigIsolated(flags, env);
  for (const warning of loaded.warnings) process.stderr.write(`rwwwrse: ${formatProblem(warning)}\n`);
  if ('problems' in loaded) {
    for (const problem of loaded.problems) process.stderr.write(`rwwwrse: ${formatProblem(problem)}\n`);
    return EXIT_BAD_CONFIG;
  }
  const launcherFd = Number(env.RWWWRSE_LAUNCHER_FD ?? Number.NaN);
  return serve({ loaded, launcherFd: Number.isInteger(launcherFd) ? launcherFd : null, env });
}
