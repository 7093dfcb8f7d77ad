import { VERSION } from '../base/version.ts';
import { parseServeFlags } from './serve-flags.ts';

/** Entry of the program. Each command's code, the argument parser's too, is loaded only when it is needed. */
async function main(args: readonly string[]): Promise<number> {
  const isVersion = args.length === 1 && (args[0] === '--version' || args[0] === '-V');
  const flags = isVersion ? null : parseServeFlags(args);
  if (flags !== null) return (await import('./serve-command.ts')).serveCommand(flags, process.env);
  const { printOutcome } = await import('./print-outcome.ts');
  if (isVersion) return printOutcome({ status: 0, stdout: `rwwwrse ${VERSION}\n`, stderr: '' }, process);
  const { runCommandLine } = await import('./command-line.ts');
  const { styleFor } = await import('./text/style.ts');
  const context = { env: process.env, style: styleFor(process.stdout, process.env) };
  const outcome = await runCommandLine(args, context, process.stdout.columns);
  return typeof outcome === 'number' ? outcome : printOutcome(outcome, process);
}

/** A defect of the program is one line as well; who looks for it gets the stack with RWWWRSE_LOG_LEVEL=debug. */
function tellDefect(error: unknown): number {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const detail = process.env['RWWWRSE_LOG_LEVEL'] === 'debug' ? `${stack}\n` : '';
  process.stderr.write(`rwwwrse: internal defect: ${message}; please report it\n${detail}`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2)).catch(tellDefect);
process.exit();
