/** Where a part of a document is written, and what is written in it. */
interface YamlPlace {
  /** In characters from the beginning of the text. */
  readonly offset: number;
  /** By key or index; null for a scalar. */
  inner: Map<string, YamlPlace> | null;
}

/** A key that a map has twice. */
interface RepeatedKey {
  readonly path: readonly PropertyKey[];
  readonly offset: number;
  readonly firstOffset: number;
}

/** The places of a document, noted by whoever walks through it from the first part to the last. */
export class YamlPlaces {
  readonly repeated: RepeatedKey[] = [];
  private readonly root: YamlPlace;
  /** The part that is walked through, behind the parts around it. */
  private readonly open: YamlPlace[];
  private readonly path: PropertyKey[] = [];
  /** Depth of the repeated block that is walked through; it is one mistake, not one for every key in it. */
  private repeatedDepth = Number.POSITIVE_INFINITY;

  constructor(rootOffset: number) {
    this.root = { offset: rootOffset, inner: null };
    this.open = [this.root];
  }

  get depth(): number {
    return this.path.length;
  }

  /** Begins a part of the one that is open: a map's key, or a list's item. */
  enter(name: PropertyKey, offset: number): void {
    const parent = this.open.at(-1) as YamlPlace;
    parent.inner ??= new Map();
    const place: YamlPlace = { offset, inner: null };
    const first = parent.inner.get(String(name));
    this.open.push(place);
    this.path.push(name);
    if (first === undefined) parent.inner.set(String(name), place);
    else if (this.depth < this.repeatedDepth) {
      this.repeated.push({ path: [...this.path], offset, firstOffset: first.offset });
      this.repeatedDepth = this.depth;
    }
  }

  /** Ends the part that was begun last. */
  leave(): void {
    if (this.repeatedDepth === this.depth) this.repeatedDepth = Number.POSITIVE_INFINITY;
    this.open.pop();
    this.path.pop();
  }

  /** Where a part begins; the nearest one above when a path is nowhere. */
  offsetOf(path: readonly PropertyKey[]): number {
    let place = this.root;
    for (const part of path) {
      const inner = place.inner?.get(String(part));
      if (inner === undefined) break;
      place = inner;
    }
    return place.offset;
  }
}

/** Line and column of places in a text, both from 1; the lines are counted when the first is asked for. */
export class LinePositions {
  private readonly text: string;
  private starts: readonly number[] | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** `3:7` */
  at(offset: number): string {
    this.starts ??= lineStarts(this.text);
    let [low, high] = [0, this.starts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return `${low + 1}:${offset - (this.starts[low] as number) + 1}`;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}
