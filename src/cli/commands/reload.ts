import type { CommandContext } from '../command-context.ts';
import { EXIT_OK, EXIT_PROBLEM } from '../exit-status.ts';
import { askRunning, type ControlOptions, isAnswer } from '../instance/control.ts';
import { type CommandOutcome, jsonOutcome } from '../outcome.ts';
import { lineText } from '../text/printable.ts';

/** Longer than workers get to prepare a configuration. */
const RELOAD_MS = 90_000;

/** `rwwwrse reload`: the running instance reads its configuration anew; status 1 when it refuses it or nobody answers. */
export async function reload(options: ControlOptions, context: CommandContext): Promise<CommandOutcome> {
  const answer = await askRunning(options, context, { verb: 'reload', timeoutMs: RELOAD_MS });
  if (!isAnswer(answer)) return answer;
  const { ok, message, details = {} } = answer;
  const status = ok ? EXIT_OK : EXIT_PROBLEM;
  if (options.json === true) return jsonOutcome(status, { ok, message, ...details });
  const stdout = ok ? `${lineText(message)}\n${list(details, 'changed')}` : '';
  const problems = ok ? '' : `rwwwrse: ${lineText(message)}\n${list(details, 'problems')}`;
  const restart = heading(details, 'restart_required', 'a restart is needed for:');
  return { status, stdout, stderr: problems + list(details, 'warnings') + restart };
}

function list(details: Readonly<Record<string, unknown>>, name: string): string {
  const lines = Array.isArray(details[name]) ? details[name] : [];
  const left = Number(details[`${name}_count`] ?? lines.length) - lines.length;
  const shown = lines.map((line) => `  ${lineText(String(line))}\n`).join('');
  return left > 0 ? `${shown}  and ${left} more\n` : shown;
}

function heading(details: Readonly<Record<string, unknown>>, name: string, text: string): string {
  const lines = list(details, name);
  return lines === '' ? '' : `${text}\n${lines}`;
}
