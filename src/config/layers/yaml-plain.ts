import { NOT_PLAIN } from './yaml-plain-scalar.ts';
import { PlainText } from './yaml-plain-text.ts';
import { YamlPlaces } from './yaml-places.ts';

/** What a document holds and where. */
export interface YamlContent {
  /** Maps, lists, text, numbers, booleans; null for an empty file. */
  readonly content: unknown;
  readonly places: YamlPlaces;
}

/** Deeper nesting is the library's, which refuses it at some depth. */
const MAX_DEPTH = 32;

/**
 * Reads YAML in the form that nearly every configuration has: maps and lists by indentation, scalars, `{…}` and `[…]` on one
 * line, comments; or one `{…}` over many lines. Null for everything else, mistakes too: the library reads those. Both agree in
 * every value and place, as `yaml-plain.test.ts` proves. This is for large files: the library needs 0.9 s for 10,000 routes.
 */
export function readPlainYaml(text: string): YamlContent | null {
  const plain = PlainText.of(text);
  return plain === null ? null : new PlainReader(plain).read();
}

class PlainReader {
  private readonly text: PlainText;
  private readonly places: YamlPlaces;

  constructor(text: PlainText) {
    text.take('---\n');
    text.beginLine();
    this.text = text;
    this.places = new YamlPlaces(text.offset);
  }

  read(): YamlContent | null {
    const { text, places } = this;
    const content = text.isAt('{') ? this.onLine(true) : this.block();
    return content === NOT_PLAIN || text.column !== -1 ? null : { content, places };
  }

  /** A map or list whose first part the text is at. */
  private block(): unknown {
    if (this.places.depth > MAX_DEPTH) return NOT_PLAIN;
    return this.text.isAt('- ') ? this.list() : this.map();
  }

  private map(): unknown {
    const { text, places } = this;
    const { column } = text;
    const map: Record<string, unknown> = {};
    do {
      const key = text.key();
      if (key === null) return NOT_PLAIN;
      places.enter(key.name, key.offset);
      const value = this.valueOfKey(column);
      places.leave();
      if (value === NOT_PLAIN) return NOT_PLAIN;
      map[key.name] = value;
    } while (text.column === column);
    return text.column > column ? NOT_PLAIN : map;
  }

  private valueOfKey(column: number): unknown {
    const { text } = this;
    if (!text.endLine()) return this.onLine(false);
    text.beginLine();
    if (text.column > column) return this.block();
    return text.column === column && text.isAt('- ') ? this.list() : null;
  }

  private list(): unknown {
    const { text, places } = this;
    const { column } = text;
    const list: unknown[] = [];
    while (text.column === column && text.take('- ')) {
      text.skipSpaces();
      places.enter(list.length, text.offset);
      const value = this.item();
      places.leave();
      if (value === NOT_PLAIN) return NOT_PLAIN;
      list.push(value);
    }
    return text.column > column ? NOT_PLAIN : list;
  }

  /** Keys of a map line up with the first, which is on the line of the dash. */
  private item(): unknown {
    const { text } = this;
    if (!text.isAtKey()) return this.onLine(false);
    text.column = text.columnOf(text.offset);
    return this.block();
  }

  /** A value behind which only a comment may follow. */
  private onLine(hasManyLines: boolean): unknown {
    const { text } = this;
    text.skipSpaces();
    const value = text.isAt('{') || text.isAt('[') ? this.flow(hasManyLines) : text.blockScalar();
    if (value === NOT_PLAIN || !text.endLine()) return NOT_PLAIN;
    text.beginLine();
    return value;
  }

  private flow(hasManyLines: boolean): unknown {
    const { text, places } = this;
    if (places.depth > MAX_DEPTH) return NOT_PLAIN;
    if (text.take('{')) return this.flowMap(hasManyLines);
    return text.take('[') ? this.flowList(hasManyLines) : text.flowScalar();
  }

  private flowMap(hasManyLines: boolean): unknown {
    const { text, places } = this;
    const map: Record<string, unknown> = {};
    text.skipBetween(hasManyLines);
    if (text.take('}')) return map;
    do {
      text.skipBetween(hasManyLines);
      const key = text.flowKey();
      if (key === null) return NOT_PLAIN;
      text.skipBetween(hasManyLines);
      places.enter(key.name, key.offset);
      const value = this.flow(hasManyLines);
      places.leave();
      if (value === NOT_PLAIN) return NOT_PLAIN;
      map[key.name] = value;
      text.skipBetween(hasManyLines);
    } while (text.take(','));
    return text.take('}') ? map : NOT_PLAIN;
  }

  private flowList(hasManyLines: boolean): unknown {
    const { text, places } = this;
    const list: unknown[] = [];
    text.skipBetween(hasManyLines);
    if (text.take(']')) return list;
    do {
      text.skipBetween(hasManyLines);
      places.enter(list.length, text.offset);
      const value = this.flow(hasManyLines);
      places.leave();
      if (value === NOT_PLAIN) return NOT_PLAIN;
      list.push(value);
      text.skipBetween(hasManyLines);
    } while (text.take(','));
    return text.take(']') ? list : NOT_PLAIN;
  }
}
