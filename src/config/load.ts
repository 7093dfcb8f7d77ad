import { deepFreeze } from './deep-freeze.ts';
import { effectiveValues } from './effective-values.ts';
import type { DopplerSecrets } from './doppler/doppler-secrets.ts';
import { withoutStored, withoutValueInKey } from './hide-stored.ts';
import { credentialLayer } from './layers/credential-layer.ts';
import type { ListFolder } from './layers/credential-layer.ts';
import { dopplerLayer } from './layers/doppler-layer.ts';
import { envLayer } from './layers/env-layer.ts';
import { flagLayer } from './layers/flag-layer.ts';
import type { Layer } from './layers/layer.ts';
import { MergedLayers, mergeLayers } from './layers/merge.ts';
import { DEFAULT_ORIGIN } from './origin.ts';
import type { Origin } from './origin.ts';
import type { ConfigProblem } from './problem.ts';
import { readFileValues } from './layers/file-values.ts';
import { type ReadFileState, RecordedFiles } from './read-files.ts';
import { expandRouteTables } from './layers/route-tables.ts';
import { configFileLayers, envFileLayers } from './read-sources.ts';
import type { ReadFile } from './read-reason.ts';
import type { NamedFile } from './read-sources.ts';
import { Findings } from './resolve/findings.ts';
import { resolveConfig } from './resolve/resolve.ts';
import type { ReloadSettings } from './resilience-settings.ts';
import type { ResolvedConfig } from './resolved-config.ts';
import { CONFIG_KEYS } from './schema.ts';
import { validate } from './validate.ts';

/** What the command line says about the configuration. */
export interface ConfigFlags {
  /** `--config FILE` */
  readonly configFile?: string;
  /** `--env-file FILE` */
  readonly envFile?: string;
  /** Values in text by canonical key, such as `log.level`. */
  readonly values?: Readonly<Record<string, string | undefined>>;
}

/** Everything that configuration is read from; this module touches neither the process nor the file system itself. */
export interface ConfigSources {
  readonly flags: ConfigFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadFile;
  /** What came of asking Doppler; nobody was asked when absent. */
  readonly doppler?: DopplerSecrets;
  /** Lists the folder of credentials; there are none when absent. */
  readonly listFolder?: ListFolder;
}

/** A configuration that may run. */
export interface LoadedConfig {
  /** Deeply frozen. */
  readonly config: ResolvedConfig;
  /** Warnings and notices, to be told once. */
  readonly warnings: readonly ConfigProblem[];
  /**
   * Where every value came from, by key (`log.level`, `routes.api.target`); keys that nobody set have the default
   * origin.
   */
  readonly origins: ReadonlyMap<string, Origin>;
  /**
   * Every key with its effective value as text (durations as `1m0s`, booleans as `true`, lists and maps as JSON, secrets
   * masked): all keys of the file, and of routes those that someone wrote.
   */
  readonly values: ReadonlyMap<string, string>;
  /** Digests of the values that are masked, whole or in part, by key: what tells that one has changed. */
  readonly digests: ReadonlyMap<string, string>;
  /** Whether secrets came from Doppler; `failed` = they should have, and the configuration was made without them. */
  readonly doppler: DopplerSecrets['kind'];
  /** false: neither a route nor a default backend is configured, and the program answers with its demo backends. */
  readonly hasBackends: boolean;
  /** Every file that was read or looked for, in that order, with what it held: what may change the configuration. */
  readonly files: readonly ReadFileState[];
}

/** A configuration that is refused: all errors at once. */
export interface RefusedConfig {
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
  readonly files: readonly ReadFileState[];
  /** How reloads and starts with a refused configuration are handled, as far as that part could be read. */
  readonly reload: ReloadSettings;
}

/**
 * Loads the configuration: flags > Doppler > environment > env-file > YAML > credentials > defaults (SPEC A.0, DESIGN.md 4). Reports every
 * problem of every layer in one go, in the order: reading, single values, rules between values.
 */
export function loadConfig(given: ConfigSources): LoadedConfig | RefusedConfig {
  const files = new RecordedFiles(given.readFile);
  const loaded = loadFrom({ ...given, readFile: (path) => files.read(path) });
  return { ...loaded, files: files.states };
}

type Unfiled<T> = Omit<T, 'files'>;

function loadFrom(sources: ConfigSources): Unfiled<LoadedConfig> | Unfiled<RefusedConfig> {
  const { merged: layered, problems } = mergeLayers(readLayers(sources));
  const { merged: tables, problems: expanded } = expandRouteTables(layered);
  const { merged, problems: unread } = readFileValues(tables, sources.readFile);
  const { checked, problems: refused, left } = validate(merged);
  const findings = new Findings(merged, left, sources.readFile);
  const config = resolveConfig(checked, findings);
  const found = [...problems, ...expanded, ...unread, ...refused, ...findings.problems];
  const all = found.map((problem) => withoutValueInKey(withoutStored(problem)));
  const warnings = all.filter(({ severity }) => severity !== 'error');
  const errors = all.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return { problems: errors, warnings, reload: config.settings.reload };
  const { routes, defaultBackend } = config.traffic;
  const written = new MergedLayers(new Map([...layered.entries, ...merged.entries]));
  const hasBackends = routes.length > 0 || defaultBackend.length > 0;
  return {
    config: deepFreeze(config),
    warnings,
    origins: originsOf(written),
    ...effectiveValues(checked, written),
    doppler: sources.doppler?.kind ?? 'unused',
    hasBackends,
  };
}

/** Layers from the highest precedence to the lowest. */
function readLayers({ flags, env, readFile, doppler, listFolder }: ConfigSources): Layer[] {
  const envFile = flags.envFile === undefined ? null : { path: flags.envFile, origin: '--env-file' };
  const flagValues = flagLayer({ ...flags.values, config_file: flags.configFile });
  const stored = doppler === undefined ? [] : [dopplerLayer(doppler)];
  const named = [flagValues, ...stored, envLayer(env), ...envFileLayers(envFile, readFile)];
  const folder = env['CREDENTIALS_DIRECTORY'] ?? '';
  const hasCredentials = folder !== '' && listFolder !== undefined;
  const credentials = hasCredentials ? [credentialLayer({ folder, listFolder, readFile })] : [];
  return [...named, ...configFileLayers(configFileOf(named), readFile), ...credentials];
}

function configFileOf(layers: readonly Layer[]): NamedFile | null {
  const entry = layers.flatMap(({ entries }) => entries).find(({ key }) => key === 'config_file');
  return entry === undefined ? null : { path: String(entry.value), origin: entry.origin.text };
}

function originsOf(merged: MergedLayers): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>([...CONFIG_KEYS].map((key) => [key, DEFAULT_ORIGIN]));
  for (const { key, origin } of merged.entries.values()) origins.set(key, origin);
  return origins;
}
