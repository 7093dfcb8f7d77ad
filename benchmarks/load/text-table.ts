/** A table: a head and rows of as many cells. */
export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const NUMBER = /^\d+(?:\.\d+)?$/;

/** Aligned columns for a terminal: numbers to the right, the last column as it is. */
export function formatText(table: TextTable): string {
  const lines = [table.head, ...table.rows];
  const widths = table.head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines.map((cells) => formatLine(cells, widths)).join('\n');
}

/** The same as a Markdown table. */
export function formatMarkdown(table: TextTable): string {
  const rule = table.head.map(() => '---');
  return [table.head, rule, ...table.rows].map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`).join('\n');
}

function formatLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => {
    const width = widths[column] ?? 0;
    if (column === cells.length - 1) return cell;
    return NUMBER.test(cell) ? cell.padStart(width) : cell.padEnd(width);
  });
  return padded.join('  ').trimEnd();
}

function escapeCell(cell: string): string {
  return cell.replaceAll('|', String.raw`\|`);
}
