import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadConfig } from '../../src/config/load.ts';

const CASES = join(import.meta.dirname, 'cases');

/** Folders of all golden cases, in the order of their names. */
export const CASE_NAMES: readonly string[] = readdirSync(CASES).toSorted();

/** Path of a file of a case. */
export function caseFile(name: string, file: string): string {
  return join(CASES, name, file);
}

/** Whether a case has a file. */
export function caseHas(name: string, file: string): boolean {
  return existsSync(caseFile(name, file));
}

/** A JSON file of a case. */
export function readCaseJson(name: string, file: string): unknown {
  return JSON.parse(readFileSync(caseFile(name, file), 'utf8'));
}

/** Loads a case: `config.yaml`, `env.json`, `flags.json`, `vars.env` and `doppler.json` are the sources, all
 * optional; `CREDENTIALS_DIRECTORY` names a folder inside the case. */
export function loadCase(name: string): ReturnType<typeof loadConfig> {
  return loadConfig({
    flags: {
      configFile: caseHas(name, 'config.yaml') ? 'config.yaml' : undefined,
      envFile: caseHas(name, 'vars.env') ? 'vars.env' : undefined,
      values: caseHas(name, 'flags.json') ? (readCaseJson(name, 'flags.json') as Record<string, string>) : {},
    },
    env: caseHas(name, 'env.json') ? (readCaseJson(name, 'env.json') as Record<string, string>) : {},
    readFile: (path) => readFileSync(caseFile(name, path), 'utf8'),
    doppler: caseHas(name, 'doppler.json')
      ? { kind: 'read', place: 'rwwwrse/prd', secrets: readCaseJson(name, 'doppler.json') as Record<string, string> }
      : undefined,
    listFolder: (path) => readdirSync(caseFile(name, path)),
  });
}
