import { cellsOf, codeBlocks, readPage } from '../markdown.ts';

/** A request of a table, as its first cell writes it: `` `GET shop.example/a`, `Cookie: a=b`, 8 times ``. */
export interface CaseRequest {
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly fields: Readonly<Record<string, string>>;
  /** How often it is sent, over one connection. */
  readonly times: number;
  readonly bodyBytes: number;
}

/** A row of a table: a request and what each proxy makes of it, in the words of the page. */
export interface CaseRow {
  readonly text: string;
  readonly request: CaseRequest;
  readonly peer: string;
  /** `the same`, or what is different. */
  readonly own: string;
}

/** A section that has a configuration of the other proxy, the one of ours, and requests to both. */
export interface MigrationCase {
  readonly title: string;
  readonly peerText: string;
  readonly ownText: string;
  readonly rows: readonly CaseRow[];
}

/** The sections of a page with a block of the other proxy's `kind` (`nginx`, `caddyfile`, `yaml traefik`). */
export function migrationCases(path: string, kind: string): MigrationCase[] {
  const sections = readPage(path).text.split(/^## /m).slice(1);
  return sections.flatMap((section) => {
    const blocks = codeBlocks(section);
    const peerText = blocks.find((block) => block.kind === kind)?.text;
    if (peerText === undefined) return [];
    const ownText = blocks.find((block) => block.kind === 'yaml')?.text ?? '';
    const title = section.split('\n', 1)[0] as string;
    return [{ title, peerText, ownText, rows: section.split('\n').flatMap(rowOf) }];
  });
}

/** Rows of three cells are compared with the other proxy, those of two are ours alone. */
function rowOf(line: string): CaseRow[] {
  const [first = '', ...outcomes] = cellsOf(line) ?? [];
  const request = requestOf(first);
  const [peer = '', own = peer] = outcomes;
  return request === null ? [] : [{ text: first, request, peer, own }];
}

function requestOf(cell: string): CaseRequest | null {
  const [line = '', ...fieldLines] = Array.from(cell.matchAll(/`([^`]+)`/g), ([, text = '']) => text);
  const match = /^([A-Z]+) ([a-z0-9.-]+)(\/.*)$/.exec(line);
  if (match === null) return null;
  const [, method = '', host = '', target = ''] = match;
  const fields = Object.fromEntries(fieldLines.map((text) => text.split(/: (.*)/).slice(0, 2)));
  const times = Number(/\b(\d+) times\b/.exec(cell)?.[1] ?? 1);
  return { method, host, target, fields, times, bodyBytes: Number(/\bwith (\d+) MB\b/.exec(cell)?.[1] ?? 0) * 1e6 };
}
