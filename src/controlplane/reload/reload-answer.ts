import { type ControlAnswer, LINE_LIMIT_BYTES } from '../control/control-message.ts';
import type { ReloadOutcome } from './reload-outcome.ts';

/** Most lines of one kind in an answer, their length and that of all: it has to fit into one line of the control socket. */
const MOST_LINES = 100;
const LINE_CHARACTERS = 300;
const KIND_BYTES = Math.floor(LINE_LIMIT_BYTES / 4);

/** The outcome of a reload for the command that asked for it. */
export function reloadAnswer(outcome: ReloadOutcome): ControlAnswer {
  const { status, durationMs } = outcome;
  if (outcome.status === 'refused') {
    const { problems } = outcome;
    const message = 'the configuration is refused, the one before goes on';
    return { ok: false, message, details: { status, duration_ms: durationMs, ...listed('problems', problems) } };
  }
  const { changes, warnings } = outcome;
  const keys = (needs: 'reload' | 'restart'): readonly string[] =>
    changes.filter((change) => change.needs === needs).map(({ key, change }) => `${key}: ${change}`);
  const message = outcome.status === 'applied' ? 'the configuration is reloaded' : 'nothing changed';
  const details = {
    status,
    duration_ms: durationMs,
    ...listed('changed', keys('reload')),
    ...listed('restart_required', keys('restart')),
    ...listed('warnings', warnings),
  };
  return { ok: true, message, details };
}

function listed(name: string, lines: readonly string[]): Record<string, unknown> {
  const shown: string[] = [];
  let bytes = 0;
  for (const line of lines.slice(0, MOST_LINES)) {
    const text = line.slice(0, LINE_CHARACTERS);
    bytes += Buffer.byteLength(JSON.stringify(text)) + 1;
    if (bytes > KIND_BYTES) break;
    shown.push(text);
  }
  return { [name]: shown, [`${name}_count`]: lines.length };
}
