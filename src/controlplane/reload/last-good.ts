import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { deepFreeze } from '../../config/deep-freeze.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { ResolvedConfig } from '../../config/resolved-config.ts';

/** Raised when the meaning of a resolved configuration changes: an older file is not started with. */
const FORMAT = 1;

/** What the file holds. */
interface LastGoodFile {
  readonly format: number;
  /** Version of the program that wrote it. */
  readonly version: string;
  readonly savedAt: string;
  readonly config: ResolvedConfig;
  readonly values: readonly (readonly [key: string, value: string])[];
  readonly digests: readonly (readonly [key: string, digest: string])[];
  readonly doppler: LoadedConfig['doppler'];
  readonly hasBackends: boolean;
}

/** A configuration that was kept. */
export interface KeptConfig {
  readonly savedAt: string;
  readonly loaded: Omit<LoadedConfig, 'files'>;
}

/** The last configuration that was taken, in a file that only its owner reads: it holds what the configuration holds, secrets too. */
export class LastGood {
  private readonly path: string;
  private readonly version: string;
  private last: Promise<unknown> = Promise.resolve();

  /** @param version of this program: the configuration of another one may mean something else */
  constructor(path: string, version: string) {
    this.path = path;
    this.version = version;
  }

  /**
   * Keeps a configuration, whole or not at all.
   *
   * @throws as `fs.writeFile` does
   */
  save(loaded: LoadedConfig): Promise<void> {
    const done = this.last.then(() => this.write(loaded));
    this.last = done.catch(() => undefined);
    return done;
  }

  /** The configuration that was kept and when; a text that says why there is none. */
  async read(): Promise<KeptConfig | string> {
    try {
      const kept = JSON.parse(await readFile(this.path, 'utf8')) as LastGoodFile;
      if (kept.format !== FORMAT || kept.version !== this.version)
        return `${this.path} was kept by version ${kept.version}, this is ${this.version}`;
      const { savedAt, config, values, digests, doppler, hasBackends } = kept;
      const loaded = {
        config: deepFreeze(config),
        values: new Map(values),
        digests: new Map(digests),
        origins: new Map(),
        warnings: [],
        doppler,
        hasBackends,
      };
      return { savedAt, loaded };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? `${this.path} does not exist` : `${this.path} cannot be read: ${message}`;
    }
  }

  private async write({ config, values, digests, doppler, hasBackends }: LoadedConfig): Promise<void> {
    const kept: LastGoodFile = {
      format: FORMAT,
      version: this.version,
      savedAt: new Date().toISOString(),
      config,
      values: [...values],
      digests: [...digests],
      doppler,
      hasBackends,
    };
    const next = `${this.path}.next`;
    await mkdir(dirname(this.path), { recursive: true });
    try {
      // A file that lies there already would keep its mode, and a link its target.
      await rm(next, { force: true });
      await writeFile(next, JSON.stringify(kept), { mode: 0o600, flag: 'wx', flush: true });
      await rename(next, this.path);
    } catch (error) {
      await rm(next, { force: true });
      throw error;
    }
  }
}
