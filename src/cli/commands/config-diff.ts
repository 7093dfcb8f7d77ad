import { diffConfigs, needsRestart } from '../../config/diff.ts';
import type { ConfigChange } from '../../config/diff.ts';
import { loadFor } from '../command-context.ts';
import type { CommandContext, ConfigOptions } from '../command-context.ts';
import { EXIT_OK } from '../exit-status.ts';
import { jsonOutcome } from '../outcome.ts';
import type { CommandOutcome } from '../outcome.ts';
import { columns } from '../text/columns.ts';
import { countText } from '../text/findings.ts';
import { lineText, shortText } from '../text/printable.ts';
import type { Style } from '../text/style.ts';
import { refusedOutcome, remarks } from './refused.ts';

/** The two configuration files, in the order in which they count: from one to the other. */
export interface ComparedFiles {
  readonly a: string;
  readonly b: string;
}

/** A longer change, such as one of a list, is cut on the terminal; `--json` has all of it. */
const SHOWN_CHARACTERS = 200;
const WIDEST = 64;

/** `rwwwrse config diff A B`: what going from A to B would change, in words, and whether a reload suffices. */
export async function configDiff(
  files: ComparedFiles,
  options: ConfigOptions,
  context: CommandContext,
): Promise<CommandOutcome> {
  const isJson = options.json === true;
  const before = await loadFor({ ...options, config: files.a }, context);
  if ('problems' in before) return refusedOutcome(before, isJson);
  const after = await loadFor({ ...options, config: files.b }, context);
  if ('problems' in after) return refusedOutcome(after, isJson);
  const changes = diffConfigs(before, after);
  if (isJson) return jsonOutcome(EXIT_OK, { changes, needsRestart: needsRestart(changes), warnings: after.warnings });
  return { status: EXIT_OK, stdout: changesText(changes, context.style), stderr: remarks(after.warnings) };
}

function changesText(changes: readonly ConfigChange[], style: Style): string {
  if (changes.length === 0) return 'no difference\n';
  const head = ['KEY', 'CHANGE', 'NEEDS'].map((cell) => style('faint', cell));
  const rows = changes.map(({ key, change, needs }) => [
    lineText(key),
    shortText(lineText(change), SHOWN_CHARACTERS),
    needs === 'restart' ? style('warning', needs) : needs,
  ]);
  const effort = needsRestart(changes) ? 'some need a restart' : 'a reload is enough';
  return `${columns([head, ...rows], { widest: WIDEST })}${countText(changes.length, 'change')}: ${effort}\n`;
}
