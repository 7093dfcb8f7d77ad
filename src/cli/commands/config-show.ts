import { describeConfig } from '../../config/describe.ts';
import type { EffectiveValue } from '../../config/describe.ts';
import { loadFor } from '../command-context.ts';
import type { CommandContext, ConfigOptions } from '../command-context.ts';
import { EXIT_OK } from '../exit-status.ts';
import { jsonOutcome } from '../outcome.ts';
import type { CommandOutcome } from '../outcome.ts';
import { columns } from '../text/columns.ts';
import { lineText, shortText } from '../text/printable.ts';
import type { Style } from '../text/style.ts';
import { refusedOutcome, remarks } from './refused.ts';

/** Options of `config show`. */
export interface ConfigShowOptions extends ConfigOptions {
  /** Only what is not the default. */
  readonly changed?: boolean;
}

/** A value longer than this, such as an error page, is cut on the terminal; `--json` has all of it. */
const SHOWN_CHARACTERS = 160;

/** `rwwwrse config show`: every value that counts, secrets masked, with its origin. */
export async function configShow(options: ConfigShowOptions, context: CommandContext): Promise<CommandOutcome> {
  const isJson = options.json === true;
  const loaded = await loadFor(options, context);
  if ('problems' in loaded) return refusedOutcome(loaded, isJson);
  const values = describeConfig(loaded).filter(({ isDefault }) => options.changed !== true || !isDefault);
  if (isJson) return jsonOutcome(EXIT_OK, { values, warnings: loaded.warnings });
  return { status: EXIT_OK, stdout: valuesText(values, context.style), stderr: remarks(loaded.warnings) };
}

function valuesText(values: readonly EffectiveValue[], style: Style): string {
  if (values.length === 0) return 'every value is the default\n';
  const head = ['KEY', 'VALUE', 'ORIGIN', 'CHANGED BY'].map((cell) => style('faint', cell));
  const rows = values.map(({ key, value, origin, isDefault, reloadable }) => {
    const cells = [
      key,
      value === '' ? '-' : shortText(lineText(value), SHOWN_CHARACTERS),
      lineText(origin),
      reloadable ? 'reload' : 'restart',
    ];
    return isDefault ? cells.map((cell) => style('faint', cell)) : cells;
  });
  return columns([head, ...rows]);
}
