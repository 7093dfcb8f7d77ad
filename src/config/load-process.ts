import { VERSION } from '../base/version.ts';
import type { ConfigFlags, LoadedConfig, RefusedConfig } from './load.ts';
import { loadFromSystem } from './load-system.ts';

/** What the loading process is asked. */
export interface LoadOrder {
  readonly flags: ConfigFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What it answers. */
export interface LoadAnswer {
  /** Of the program that this process was started from. */
  readonly version: string;
  readonly loaded: LoadedConfig | RefusedConfig;
}

process.once('message', (order: LoadOrder) => {
  void loadFromSystem(order.flags, order.env).then((loaded) =>
    process.send?.({ version: VERSION, loaded } satisfies LoadAnswer, undefined, undefined, () =>
      process.disconnect?.(),
    ),
  );
});
