import { stripVTControlCharacters } from 'node:util';

const GAP = '  ';

/** How columns are set. */
export interface ColumnLayout {
  /** Indexes of columns that hold numbers and are set to the right. */
  readonly right?: readonly number[];
  /** A longer cell does not widen its column: it pushes the rest of its row aside; default 48. */
  readonly widest?: number;
  /** Put before every row. */
  readonly indent?: string;
}

/**
 * Rows as lines with aligned columns, each with a line break; colours inside cells do not count. A row ends with its last cell,
 * without blanks.
 */
export function columns(rows: readonly (readonly string[])[], layout: ColumnLayout = {}): string {
  const { right = [], widest = 48, indent = '' } = layout;
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) => columnWidth(rows, column, widest));
  return rows.map((row) => `${indent}${line(row, widths, right)}\n`).join('');
}

function columnWidth(rows: readonly (readonly string[])[], column: number, widest: number): number {
  const lengths = rows.map((row) => cellWidth(row[column] ?? '')).filter((length) => length <= widest);
  return Math.max(0, ...lengths);
}

function line(row: readonly string[], widths: readonly number[], right: readonly number[]): string {
  const cells = row.map((cell, column) => {
    const blanks = ' '.repeat(Math.max(0, (widths[column] ?? 0) - cellWidth(cell)));
    return right.includes(column) ? blanks + cell : cell + blanks;
  });
  return cells.join(GAP).trimEnd();
}

function cellWidth(cell: string): number {
  return Array.from(stripVTControlCharacters(cell)).length;
}
