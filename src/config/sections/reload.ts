import { booleanField } from './scalar-fields.ts';
import { filePathField } from './text-fields.ts';

/** SPEC A.1: top-level switch of the reload. */
export const reloadSwitchShape = {
  hot_reload: booleanField().prefault(true).meta({
    description: 'Watch the files of the configuration and take changes while running. SIGHUP is heard in any case.',
  }),
};

/** The configuration that was last taken, block `last_good`. */
export const lastGoodShape = {
  path: filePathField().optional().meta({
    description: 'File that keeps the last configuration that was taken, secrets included; none when absent.',
  }),
  fallback: booleanField().prefault(false).meta({
    description: 'Start with the last good configuration when the written one is refused.',
  }),
};
