import { VERSION } from '../app/version.ts';
import { parseServeFlags } from './serve-flags.ts';

/** Entry of the program. Each command's code, the argument parser's too, is loaded only when it is needed. */
async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`rwwwrse ${VERSION}\n`);
    return 0;
  }
  const flags = parseServeFlags(args) ?? (await import('./arguments.ts')).parseArguments(args);
  const { serveCommand } = await import('./serve-command.ts');
  return serveCommand(flags, process.env);
}

process.exitCode = await main(process.argv.slice(2));
process.exit();
