import { Command } from 'commander';
import { VERSION } from '../app/version.ts';
import type { ConfigFlags } from '../config/load.ts';

const EXAMPLES = `
Examples:
  rwwwrse                                      demo backends, or what the environment configures
  RWWWRSE_DEFAULT_BACKEND=http://127.0.0.1:3000 rwwwrse
  rwwwrse --config /etc/rwwwrse/config.yaml
`;

/** Parses the command line; help, version and errors print and end the process. */
export function parseArguments(args: readonly string[]): ConfigFlags {
  const program = new Command('rwwwrse')
    .description('A reverse proxy for the people who have to operate it.')
    .version(`rwwwrse ${VERSION}`, '-V, --version', 'print the version')
    .option('-c, --config <file>', 'configuration file (YAML)')
    .option('--env-file <file>', 'file of environment variables, one NAME=value a line')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(rwwwrse --help shows what is possible)')
    .allowExcessArguments(false)
    .parse(args, { from: 'user' });
  const options = program.opts<{ config?: string; envFile?: string }>();
  return { configFile: options.config, envFile: options.envFile };
}
