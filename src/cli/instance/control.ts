import { askControl, type NoControlAnswer } from '../../controlplane/control/ask-control.ts';
import type { ControlAnswer } from '../../controlplane/control/control-message.ts';
import { controlPath } from '../../controlplane/control/control-path.ts';
import { refusedOutcome } from '../commands/refused.ts';
import { type CommandContext, type ConfigOptions, loadFor } from '../command-context.ts';
import { type CommandOutcome, problemOutcome } from '../outcome.ts';

/** Options of commands that ask a running instance on its control socket. */
export interface ControlOptions extends ConfigOptions {
  /** Path of the control socket; without it the configuration says where it is. */
  readonly socket?: string;
}

/** What is asked. */
export interface ControlRequest {
  readonly verb: string;
  readonly timeoutMs: number;
  readonly onProgress?: (progress: string) => void;
}

/**
 * Asks the running instance of a configuration. An outcome in place of an answer: the configuration is refused, so that the
 * instance was not asked, or nobody answers.
 */
export async function askRunning(
  options: ControlOptions,
  context: CommandContext,
  request: ControlRequest,
): Promise<ControlAnswer | CommandOutcome> {
  const path = options.socket ?? (await placeOf(options, context));
  if (typeof path !== 'string') return path;
  const answer = await askControl({ path, ...request });
  return 'code' in answer ? problemOutcome(silenceText(path, answer)) : answer;
}

/** Whether an instance answered. */
export function isAnswer(reply: ControlAnswer | CommandOutcome): reply is ControlAnswer {
  return 'ok' in reply;
}

async function placeOf(options: ControlOptions, context: CommandContext): Promise<string | CommandOutcome> {
  const loaded = await loadFor(options, context);
  if ('problems' in loaded) return refusedOutcome(loaded, options.json === true);
  const { settings } = loaded.config;
  const [first] = settings.listeners;
  if (first === undefined) return problemOutcome('the configuration has no listener; name the instance by --socket');
  const { pidFile } = settings;
  return controlPath({ pidFile, address: first.address, env: context.env, uid: process.geteuid?.() ?? -1 });
}

const SILENCE: Readonly<Record<string, string>> = {
  ENOENT: 'no instance runs there: the socket does not exist',
  ECONNREFUSED: 'no instance runs there: nobody listens on the socket',
  EACCES: 'the socket belongs to another user: run the command as the user of the instance',
  ETIMEDOUT: 'the instance did not answer in time; its log says how it went on',
  ECLOSED: 'the instance ended before it answered',
  EPROTO: 'what answers there is no rwwwrse',
};

function silenceText(path: string, { code }: NoControlAnswer): string {
  return `${path}: ${SILENCE[code] ?? `the instance cannot be asked (${code})`}; another one is named by --socket`;
}
