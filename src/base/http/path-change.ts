/** How a route changes a path: on the way to the backend, or in a redirect. */
export interface CompiledPathChange {
  /** Characters of the path that are replaced: those of the route's prefix, or -1 = all. */
  readonly take: number;
  /** What stands there instead; without trailing slash. */
  readonly put: string;
}

/** A path with its part replaced; `/` where nothing is left. */
export function changePath(path: string, { take, put }: CompiledPathChange): string {
  const changed = take < 0 ? put : put + path.slice(take);
  return changed.charCodeAt(0) === 0x2f ? changed : `/${changed}`;
}
