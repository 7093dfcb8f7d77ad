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

/** The origin of a secret from Doppler. */
export function dopplerOrigin(place: string): Origin {
  return { layer: 'doppler', text: `Doppler (${place})` };
}

/** The origin of a credential of the service. */
export function credentialOrigin(name: string): Origin {
  return { layer: 'credential', text: `credential ${name}` };
}

/** Whether the text of an origin is that of a store of secrets, for what has no more than the text. */
export function isSecretStoreText(text: string): boolean {
  return text.startsWith('Doppler (') || text.startsWith('credential ');
}

/** The origin of every value that nobody set. */
export const DEFAULT_ORIGIN: Origin = { layer: 'default', text: 'default' };
