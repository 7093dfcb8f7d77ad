import { readBoundedFile } from './bounded-file.ts';
import { type ConfigFlags, loadConfig } from './load.ts';

/** What the loading process is asked. */
export interface LoadOrder {
  readonly flags: ConfigFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
}

process.once('message', (order: LoadOrder) => {
  const loaded = loadConfig({ ...order, readFile: readBoundedFile });
  process.send?.(loaded, undefined, undefined, () => process.disconnect?.());
});
