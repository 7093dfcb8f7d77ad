/** Where a value came from. */
export interface Origin {
  readonly layer: 'flag' | 'env' | 'env-file' | 'yaml' | 'default';
  /** For people: `--port`, `RWWWRSE_PORT`, `/etc/rwwwrse/config.env:3 RWWWRSE_PORT`, `config.yaml:3:7`, `default`. */
  readonly text: string;
}

/** The origin of every value that nobody set. */
export const DEFAULT_ORIGIN: Origin = { layer: 'default', text: 'default' };
