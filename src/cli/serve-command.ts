import { Predecessor } from '../app/predecessor.ts';
import { serve } from '../app/serve.ts';
import { setV8Flags } from '../app/v8-flags.ts';
import { VERSION } from '../base/version.ts';
import type { ConfigFlags, LoadedConfig, RefusedConfig } from '../config/load.ts';
import { loadConfigIsolated } from '../config/load-isolated.ts';
import { type ConfigProblem, formatProblem } from '../config/problem.ts';
import type { ResolvedConfig } from '../config/resolved-config.ts';

const EXIT_BAD_CONFIG = 1;

/** Runs the proxy: loads the configuration, says everything that is wrong with it at once, serves. */
export async function serveCommand(flags: ConfigFlags, env: NodeJS.ProcessEnv): Promise<number> {
  setV8Flags();
  const predecessor = await Predecessor.meet(env);
  const load = (): Promise<LoadedConfig | RefusedConfig> => loadChecked(flags, env);
  const loaded = await load();
  tell(loaded.warnings);
  // While another version serves, an old configuration is no reason to take over.
  const mayFallBack = predecessor?.offer.purpose !== 'upgrade';
  const running = 'problems' in loaded ? await fallback(loaded, mayFallBack) : loaded;
  if (running === null) {
    await predecessor?.failed(refusalText(loaded as RefusedConfig));
    return EXIT_BAD_CONFIG;
  }
  const launcherFd = Number(env.RWWWRSE_LAUNCHER_FD ?? Number.NaN);
  return serve({
    loaded: running,
    load,
    isFallback: running !== loaded,
    launcherFd: Number.isInteger(launcherFd) ? launcherFd : null,
    env,
    predecessor,
  });
}

function refusalText({ problems }: RefusedConfig): string {
  const [first] = problems;
  const rest = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return `its configuration is refused: ${first === undefined ? 'no reason is known' : formatProblem(first)}${rest}`;
}

/** In one write: thousands of problems are thousands of calls of the system otherwise. */
function tell(problems: readonly ConfigProblem[]): void {
  if (problems.length > 0)
    process.stderr.write(problems.map((problem) => `rwwwrse: ${formatProblem(problem)}\n`).join(''));
}

/** Says what is wrong; the last good configuration where the program was told to start with it, else null. */
async function fallback({ problems, reload, files }: RefusedConfig, isAllowed: boolean): Promise<LoadedConfig | null> {
  tell(problems);
  if (!isAllowed || !reload.fallsBack || reload.lastGoodPath === null) return null;
  const { LastGood } = await import('../controlplane/reload/last-good.ts');
  const kept = await new LastGood(reload.lastGoodPath, VERSION).read();
  if (typeof kept === 'string') {
    process.stderr.write(`rwwwrse: there is no last good configuration to start with: ${kept}\n`);
    return null;
  }
  process.stderr.write(`rwwwrse: starting with the last good configuration, taken at ${kept.savedAt}\n`);
  return { ...kept.loaded, files };
}

/** A configuration whose routing tests fail is refused like any other that is wrong. */
async function loadChecked(flags: ConfigFlags, env: NodeJS.ProcessEnv): Promise<LoadedConfig | RefusedConfig> {
  const loaded = await loadConfigIsolated(flags, env);
  const problems = 'problems' in loaded ? [] : await routingProblems(loaded.config);
  if ('problems' in loaded || problems.length === 0) return loaded;
  const { warnings, files, config } = loaded;
  return { problems, warnings, files, reload: config.settings.reload };
}

/** Routing tests of the configuration that fail; the code that runs them is loaded only where there are any. */
async function routingProblems(config: ResolvedConfig): Promise<readonly ConfigProblem[]> {
  if (config.traffic.tests.length === 0) return [];
  const { checkTraffic } = await import('../controlplane/explain/check.ts');
  return checkTraffic(config);
}
