import { posix } from 'node:path';
import { lineAt } from './source-text.ts';
import type { SourceFile } from './source-text.ts';

/** One import, re-export or `import()` of a file. */
export interface ImportEdge {
  readonly from: string;
  /** Relative to the repository for a relative specifier, else the specifier itself (`node:net`, `zod`). */
  readonly to: string;
  readonly isRelative: boolean;
  /** `import type` / `export type … from`, erased as a whole; `import { type X }` is not, since the module is still loaded. */
  readonly isTypeOnly: boolean;
  readonly line: number;
}

/** `import … from`, `export … from`, bare `import '…'` and `import('…')`, in blanked code where a specifier is only quotes. */
const STATEMENT =
  /(?<![.\w$])(?:(import|export)\s+(type\s+(?!from\s)(?!,))?(?:[\w$*\s{},]+?\sfrom\s*|(?:\{[\w$\s,]*\}\s*from\s*))(['"])|(import)\s*(\(\s*)?(['"]))/g;

/** All imports of a file, type imports included, in their order. */
export function findImports({ path, text, code }: SourceFile): ImportEdge[] {
  return Array.from(code.matchAll(STATEMENT), (match) => {
    const quoteAt = match.index + match[0].length - 1;
    const specifier = text.slice(quoteAt + 1, code.indexOf(match[0].slice(-1), quoteAt + 1));
    const isRelative = specifier.startsWith('.');
    return {
      from: path,
      to: isRelative ? posix.normalize(posix.join(posix.dirname(path), specifier)) : specifier,
      isRelative,
      isTypeOnly: match[2] !== undefined || (match[5] !== undefined && isTypePosition(code, match.index)),
      line: lineAt(text, match.index),
    };
  });
}

/** `typeof import('…')` and `import('…').Name` in a type are erased; a value `import()` stands after `await`, `=` or `(`. */
function isTypePosition(code: string, position: number): boolean {
  return /(?:\btypeof|[:<|&])\s*$/.test(code.slice(Math.max(0, position - 20), position));
}
