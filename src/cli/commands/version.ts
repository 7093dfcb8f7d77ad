import { VERSION } from '../../base/version.ts';
import { EXIT_OK } from '../exit-status.ts';
import { jsonOutcome } from '../outcome.ts';
import type { CommandOutcome } from '../outcome.ts';

/** `rwwwrse --version` beside other options; alone it is answered before anything is loaded. */
export function version(json: boolean): CommandOutcome {
  if (json) return jsonOutcome(EXIT_OK, { version: VERSION, node: process.versions.node });
  return { status: EXIT_OK, stdout: `rwwwrse ${VERSION}\n`, stderr: '' };
}
