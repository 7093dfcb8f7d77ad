import { keyOfEnvName, ENV_PREFIX } from '../aliases.ts';
import type { NamedKey } from '../aliases.ts';
import { isFileBacked } from '../file-keys.ts';
import { nearestName } from '../nearest-name.ts';
import { credentialOrigin } from '../origin.ts';
import type { ConfigProblem } from '../problem.ts';
import { readReason } from '../read-reason.ts';
import type { ReadFile } from '../read-reason.ts';
import { checkKeyOfEnvName } from './check-names.ts';
import type { Layer, LayerEntry } from './layer.ts';
import { routeKeyOfEnvName } from './route-names.ts';

/** Names of the files in a folder. */
export type ListFolder = (path: string) => readonly string[];

/** The folder of credentials and how it is read. */
interface CredentialSource {
  readonly folder: string;
  readonly listFolder: ListFolder;
  readonly readFile: ReadFile;
}

/**
 * Layer of the credentials that systemd gives a service (`LoadCredential=`, systemd.exec(5)), or any folder of files named like
 * variables or keys in any case: only the keys that may lie in files are taken, below every written value. Other files
 * belong to someone else.
 */
export function credentialLayer({ folder, listFolder, readFile }: CredentialSource): Layer {
  const entries: LayerEntry[] = [];
  const problems: ConfigProblem[] = [];
  for (const name of namesIn(folder, listFolder, problems)) {
    const origin = credentialOrigin(name);
    const named = keyOfCredential(name);
    if (named === undefined) {
      if (/^rwwwrse[._-]/i.test(name)) problems.push(unknown(name, origin.text));
      continue;
    }
    try {
      const value = readFile(`${folder}/${name}`).trim();
      if (value !== '') entries.push({ ...named, value, origin, spelling: origin.text });
    } catch (error) {
      const message = `cannot be read: ${readReason(error)}`;
      problems.push({ severity: 'error', key: named.key, origin: `CREDENTIALS_DIRECTORY/${name}`, message });
    }
  }
  return { entries, problems };
}

function namesIn(folder: string, listFolder: ListFolder, problems: ConfigProblem[]): readonly string[] {
  try {
    return listFolder(folder)
      .filter((name) => !name.startsWith('.'))
      .toSorted();
  } catch (error) {
    const message = `cannot read ${JSON.stringify(folder)}: ${readReason(error)}`;
    problems.push({ severity: 'warning', key: 'CREDENTIALS_DIRECTORY', origin: 'CREDENTIALS_DIRECTORY', message });
    return [];
  }
}

/** `rwwwrse_database_url`, `DATABASE_URL` and `database_url` are the key database_url. */
function keyOfCredential(name: string): NamedKey | undefined {
  const envName = name.toUpperCase().replaceAll(/[.-]/g, '_');
  const spellings = envName.startsWith(ENV_PREFIX) ? [envName] : [envName, ENV_PREFIX + envName];
  const keys = spellings.map((each) => keyOfEnvName(each) ?? routeKeyOfEnvName(each) ?? checkKeyOfEnvName(each));
  return keys.find((named) => named !== undefined && isFileBacked(named.key));
}

function unknown(name: string, origin: string): ConfigProblem {
  const known = [
    'rwwwrse_database_url',
    'rwwwrse_redis_url',
    'rwwwrse_load_balancer_sticky_secret',
    'rwwwrse_backend_tls_key',
  ];
  return {
    severity: 'warning',
    key: name,
    origin,
    message: 'is no secret of the configuration and is ignored',
    didYouMean: nearestName(name.toLowerCase(), known),
  };
}
