import type { ConfigFlags } from './load.ts';
import { loadFromSystem } from './load-system.ts';

/** What the loading process is asked. */
export interface LoadOrder {
  readonly flags: ConfigFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
}

process.once('message', (order: LoadOrder) => {
  void loadFromSystem(order.flags, order.env).then((loaded) =>
    process.send?.(loaded, undefined, undefined, () => process.disconnect?.()),
  );
});
