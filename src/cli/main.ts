import { Command } from 'commander';
import { VERSION } from '../app/version.ts';

/** Entry of the program: parses the command line; each command's code is loaded only when it runs. */
async function main(): Promise<void> {
  const program = new Command('rwwwrse')
    .description('A reverse proxy for the people who have to operate it.')
    .version(`rwwwrse ${VERSION}`, '-V, --version', 'print the version')
    .option('-c, --config <file>', 'configuration file (YAML)')
    .option('--env-file <file>', 'file of environment variables, one NAME=value a line')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(rwwwrse --help shows what is possible)')
    .allowExcessArguments(false)
    .action(async (options: { config?: string; envFile?: string }) => {
      const { serveCommand } = await import('./serve-command.ts');
      process.exit(await serveCommand({ configFile: options.config, envFile: options.envFile }, process.env));
    });
  await program.parseAsync();
}

const EXAMPLES = `
Examples:
  rwwwrse                                      demo backends, or what the environment configures
  RWWWRSE_DEFAULT_BACKEND=http://127.0.0.1:3000 rwwwrse
  rwwwrse --config /etc/rwwwrse/config.yaml
`;

await main();
