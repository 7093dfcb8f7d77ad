import type { CommandContext } from '../command-context.ts';
import { EXIT_OK, EXIT_PROBLEM } from '../exit-status.ts';
import { askRunning, type ControlOptions, isAnswer } from '../instance/control.ts';
import { type CommandOutcome, jsonOutcome, problemOutcome } from '../outcome.ts';
import { lineText } from '../text/printable.ts';

/** The instance answers earlier: after its `upgrade_timeout` at the latest. */
const UPGRADE_MS = 3_600_000;

/**
 * `rwwwrse upgrade`: the running instance hands over to the version on the disk; status 1 when it refuses or the new one does
 * not come up. How far it is goes to standard error while it runs.
 */
export async function upgrade(options: ControlOptions, context: CommandContext): Promise<CommandOutcome> {
  const isJson = options.json === true;
  const answer = await askRunning(options, context, {
    verb: 'upgrade',
    timeoutMs: UPGRADE_MS,
    ...(isJson ? {} : { onProgress: tellProgress }),
  });
  if (!isAnswer(answer)) return answer;
  const { ok, message, details } = answer;
  if (isJson) return jsonOutcome(ok ? EXIT_OK : EXIT_PROBLEM, { ok, message, ...details });
  return ok ? { status: EXIT_OK, stdout: `${lineText(message)}\n`, stderr: '' } : problemOutcome(message);
}

function tellProgress(progress: string): void {
  process.stderr.write(`rwwwrse: ${lineText(progress)}\n`);
}
