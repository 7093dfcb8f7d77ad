/** Where values come from, the place that counts most first (DESIGN.md 4). */
export const LAYER_ORDER = ['flag', 'doppler', 'env', 'env-file', 'yaml', 'credential', 'default'] as const;

/** Where a value came from. */
export interface Origin {
  readonly layer: (typeof LAYER_ORDER)[number];
  /** For people: `--port`, `RWWWRSE_PORT`, `/etc/rwwwrse/config.env:3 RWWWRSE_PORT`, `config.yaml:3:7`, `default`. */
  readonly text: string;
}

/** Whether nothing from a layer may be shown: it is made for secrets, whatever key they are given for. */
export function isSecretStore(layer: Origin['layer']): boolean {
  return layer === 'doppler' || layer === 'credential';
}

/** The origin of every value that nobody set. */
export const DEFAULT_ORIGIN: Origin = { layer: 'default', text: 'default' };
