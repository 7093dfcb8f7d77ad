import { envFileLayer } from './layers/env-file.ts';
import type { Layer } from './layers/layer.ts';
import { yamlLayer } from './layers/yaml-layer.ts';
import type { ConfigProblem } from './problem.ts';
import { isMissing, readReason } from './read-reason.ts';
import type { ReadFile } from './read-reason.ts';

/** A file that someone named, and where. */
export interface NamedFile {
  readonly path: string;
  /** `--config` or `RWWWRSE_CONFIG_FILE`. */
  readonly origin: string;
}

/**
 * Read when no configuration file is named, as far as they exist; a value in an earlier one counts (SPEC A.11, C19).
 */
const DEFAULT_CONFIG_FILES: readonly string[] = ['/etc/rwwwrse/config.yaml', '/etc/rwwwrse/routes.yaml'];
/** Read when no env-file is named, as far as they exist; a value in an earlier one counts (SPEC A.11, C19). */
const DEFAULT_ENV_FILES: readonly string[] = ['/etc/rwwwrse/config.env', '/etc/rwwwrse/rwwwrse.env'];

/** Layers of the named configuration file, or of those in the default places. */
export function configFileLayers(named: NamedFile | null, readFile: ReadFile): Layer[] {
  return readLayers('config_file', named, DEFAULT_CONFIG_FILES, (path) => yamlLayer(path, readFile(path)));
}

/** Layers of the named env-file, or of those in the default places. */
export function envFileLayers(named: NamedFile | null, readFile: ReadFile): Layer[] {
  return readLayers('env_file', named, DEFAULT_ENV_FILES, (path) => envFileLayer(path, readFile(path)));
}

/**
 * A file in a default place may be missing, and only that: one that is there and unreadable is an error like a named
 * one.
 */
function readLayers(
  key: string,
  named: NamedFile | null,
  places: readonly string[],
  read: (path: string) => Layer,
): Layer[] {
  const files = named === null ? places.map((path) => ({ path, origin: path })) : [named];
  return files.flatMap(({ path, origin }) => {
    try {
      return [read(path)];
    } catch (error) {
      const reason = readReason(error);
      if (named === null && isMissing(error)) return [];
      const message = `cannot read ${JSON.stringify(path)}: ${reason}`;
      const problem: ConfigProblem = { severity: 'error', key, origin, message };
      return [{ entries: [], problems: [problem] }];
    }
  });
}
