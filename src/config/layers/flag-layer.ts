import { CONFIG_KEYS } from '../schema.ts';
import { nearestName } from '../nearest-name.ts';
import type { ConfigProblem } from '../problem.ts';
import type { Layer, LayerEntry } from './layer.ts';

/** The flag of a key: `log.level` → `--log-level`; `config_file` is `--config` (SPEC C). */
function flagNameOf(key: string): string {
  return key === 'config_file' ? '--config' : `--${key.replaceAll(/[._]/g, '-')}`;
}

/** Layer of the command line: values in text by key (`log.level`). */
export function flagLayer(values: Readonly<Record<string, string | undefined>>): Layer {
  const entries: LayerEntry[] = [];
  const problems: ConfigProblem[] = [];
  for (const [key, value] of Object.entries(values)) {
    const spelling = flagNameOf(key);
    if (value === undefined) continue;
    if (CONFIG_KEYS.has(key))
      entries.push({ key, value, origin: { layer: 'flag', text: spelling }, rank: 0, spelling });
    else
      problems.push({
        severity: 'error',
        key,
        origin: spelling,
        message: 'is not a known key',
        didYouMean: nearestName(key, CONFIG_KEYS),
      });
  }
  return { entries, problems };
}
