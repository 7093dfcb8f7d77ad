import { keyOfFileKey } from '../file-keys.ts';
import { LAYER_ORDER } from '../origin.ts';
import { quotePath } from '../problem.ts';
import type { ConfigProblem } from '../problem.ts';
import { readReason } from '../read-reason.ts';
import type { ReadFile } from '../read-reason.ts';
import type { LayerEntry } from './layer.ts';
import { MergedLayers } from './merge.ts';

/** The layers with the values that lie in files. */
interface FileValues {
  readonly merged: MergedLayers;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads the values that `<key>_file` names, so that they are checked like written ones. Between a value and a file the higher
 * layer counts; both in one layer are an error. A file is read once, however many keys name it.
 */
export function readFileValues(merged: MergedLayers, readFile: ReadFile): FileValues {
  const entries = new Map(merged.entries);
  const problems: ConfigProblem[] = [];
  const read = readOnce(readFile);
  for (const fileEntry of merged.entries.values()) {
    const key = keyOfFileKey(fileEntry.key);
    if (key === null || typeof fileEntry.value !== 'string' || fileEntry.value.trim() === '') continue;
    const found = valueOf(fileEntry, merged.entries.get(key), key, read);
    if (found !== null && 'message' in found) problems.push(found);
    else if (found !== null) entries.set(key, found);
  }
  return { merged: new MergedLayers(entries), problems };
}

/** The entry that a file makes, a problem, or null when the written value counts. */
function valueOf(
  fileEntry: LayerEntry,
  written: LayerEntry | undefined,
  key: string,
  read: ReadFile,
): LayerEntry | ConfigProblem | null {
  const { origin, spelling } = fileEntry;
  const problem = { severity: 'error', key: fileEntry.key, origin: origin.text } as const;
  if (written !== undefined) {
    const [fileRank, rank] = [origin, written.origin].map(({ layer }) => LAYER_ORDER.indexOf(layer));
    if (fileRank === rank)
      return { ...problem, message: `is written beside ${key.split('.').at(-1)}`, allowed: 'one of them' };
    if ((fileRank ?? 0) > (rank ?? 0)) return null;
  }
  const path = String(fileEntry.value).trim();
  try {
    return { key, value: read(path).trim(), origin, rank: 0, spelling };
  } catch (error) {
    return { ...problem, message: `cannot read ${quotePath(path) || 'what is named here'}: ${readReason(error)}` };
  }
}

function readOnce(readFile: ReadFile): ReadFile {
  const texts = new Map<string, string>();
  return (path) => {
    const text = texts.get(path) ?? readFile(path);
    texts.set(path, text);
    return text;
  };
}
