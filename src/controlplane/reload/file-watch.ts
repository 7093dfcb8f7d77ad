import { existsSync, type FSWatcher, watch } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { type ReadFileState, textDigest, UNREADABLE } from '../../config/read-files.ts';

/** Editors and `kubectl` write in several steps; what comes within this time is one change. */
const SETTLE_MS = 300;
/** A folder in which something happens all the time is looked at this often all the same. */
const LONGEST_SETTLE_MS = 2_000;
/** As many as the kernel follows. */
const MAX_LINKS = 40;

/**
 * Watches files by their folders: a watch on a file itself goes deaf after the first atomic rename, and Kubernetes swaps a link
 * beside the file (`..data`). The folders of all links on the way to a file count, too, and all are opened anew whenever something
 * happened: a watch on a folder goes deaf in its turn when another one takes its name. For a folder that does not exist the nearest
 * one above it is watched until it comes. A change is a text other than the one that
 * was read for the configuration, so that a touch or a neighbour's change is none, and that what changed between the reading and
 * the watching is not missed.
 */
export class FileWatch {
  private readonly onChange: () => void;
  private readonly onProblem: (folder: string, code: string) => void;
  /** By what each waits for: a folder, or one that is missing. */
  private readonly watchers: Map<string, FSWatcher> = new Map();
  private readonly told: Set<string> = new Set();
  private paths: readonly string[] = [];
  /** State that was seen last: a file that nobody reads the same way twice is told once. */
  private seen = '';
  private timer: NodeJS.Timeout | null = null;
  private firstMs = 0;
  private isClosed = false;

  /** @param onProblem a folder cannot be watched; told once per folder */
  constructor(onChange: () => void, onProblem: (folder: string, code: string) => void) {
    this.onChange = onChange;
    this.onProblem = onProblem;
  }

  /** Watches these files from now on, whether they exist or not; one that is not as it was read is a change. */
  follow(files: readonly ReadFileState[]): Promise<void> {
    const states = new Map(files.map(({ path, digest }) => [resolve(path), digest]));
    this.paths = [...states.keys()].toSorted();
    return this.compare(stateText(this.paths, (path) => states.get(path) ?? UNREADABLE));
  }

  close(): void {
    this.isClosed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.closeWatchers();
  }

  private closeWatchers(): void {
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  /** @param child null = whatever happens there counts; else only what happens to this one, which was missing */
  private watchFolder(folder: string, child: string | null): void {
    const key = child === null ? folder : join(folder, child);
    if (this.watchers.has(key)) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        // Where many programs keep their files, such as /tmp or /etc, most is none of ours.
        if (child === null || name === null || name === child || name === basename(folder)) this.noticed();
      });
      watcher.on('error', (error: NodeJS.ErrnoException) => {
        this.watchers.delete(key);
        this.problem(folder, error.code);
      });
      this.watchers.set(key, watcher);
      // It came between the look for it and the watch.
      if (child !== null && existsSync(key)) this.noticed();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const above = dirname(folder);
      if (code === 'ENOENT' && above !== folder) this.watchFolder(above, basename(folder));
      else this.problem(folder, code);
    }
  }

  private problem(folder: string, code = 'EUNKNOWN'): void {
    if (this.told.has(folder)) return;
    this.told.add(folder);
    this.onProblem(folder, code);
  }

  private noticed(): void {
    if (this.isClosed) return;
    const nowMs = performance.now();
    if (this.timer === null) this.firstMs = nowMs;
    else clearTimeout(this.timer);
    const delayMs = Math.min(SETTLE_MS, Math.max(0, this.firstMs + LONGEST_SETTLE_MS - nowMs));
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.compare(null);
    }, delayMs).unref();
  }

  /** @param read state of the files as they were read, or null when that is settled */
  private async compare(read: string | null): Promise<void> {
    const { paths } = this;
    const folders = new Set((await Promise.all(paths.map(foldersTo))).flat());
    if (this.isClosed || paths !== this.paths) return;
    this.closeWatchers();
    for (const folder of folders) this.watchFolder(folder, null);
    const digests = new Map(await Promise.all(paths.map(async (path) => [path, await digestOf(path)] as const)));
    if (this.isClosed || paths !== this.paths) return;
    const state = stateText(paths, (path) => digests.get(path) ?? UNREADABLE);
    const isKnown = state === read || state === this.seen;
    this.seen = state;
    if (!isKnown) this.onChange();
  }
}

/** Folders in which it is decided what a path leads to: those of all links on the way, and that of the file. */
async function foldersTo(path: string): Promise<string[]> {
  const folders: string[] = [];
  let at = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const link = await firstLink(at);
    if (link === null) break;
    folders.push(link.folder);
    at = link.target;
  }
  return [...folders, dirname(at)];
}

/** The first link on the way to a path, and where the path leads when that link is followed. */
async function firstLink(path: string): Promise<{ folder: string; target: string } | null> {
  const names = path.split(sep).slice(1);
  let folder = '/';
  for (const [i, name] of names.entries()) {
    const target = await readlink(resolve(folder, name)).catch(() => null);
    if (target !== null) return { folder, target: resolve(folder, target, ...names.slice(i + 1)) };
    folder = resolve(folder, name);
  }
  return null;
}

function stateText(paths: readonly string[], digestOfPath: (path: string) => string): string {
  return paths.map((path) => `${path}\0${digestOfPath(path)}`).join('\0');
}

async function digestOf(path: string): Promise<string> {
  return readFile(path, 'utf8').then(textDigest, () => UNREADABLE);
}
