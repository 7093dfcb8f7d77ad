import type { ErrorPage } from '../route-settings.ts';
import type { WrittenErrorPage } from '../sections/error-pages-field.ts';
import type { Findings } from './findings.ts';

const MAX_PAGE_BYTES = 65_536;
const TYPES: Readonly<Record<string, string>> = {
  htm: 'text/html; charset=utf-8',
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  txt: 'text/plain; charset=utf-8',
  xml: 'application/xml',
};

/** The error pages of a route with their files read, those of single statuses before those of classes. */
export function resolveErrorPages(
  path: readonly string[],
  written: readonly WrittenErrorPage[],
  findings: Findings,
): ErrorPage[] {
  const pages = written.flatMap((page) => resolvePage([...path, 'error_pages', page.status], page, findings) ?? []);
  return pages.toSorted((a, b) => Number(isClass(a)) - Number(isClass(b)));
}

function isClass({ status }: ErrorPage): boolean {
  return status.endsWith('xx');
}

function resolvePage(path: readonly string[], page: WrittenErrorPage, findings: Findings): ErrorPage | null {
  const body = page.file === null ? page.text : findings.readFile(path, page.file);
  if (body === null) return null;
  if (Buffer.byteLength(body) > MAX_PAGE_BYTES) {
    const what = page.file === null ? 'the text' : JSON.stringify(page.file);
    findings.add('error', path, `${what} has more than 64 KiB`, 'a page of at most 64 KiB');
    return null;
  }
  return { status: page.status, contentType: page.contentType ?? typeOf(page.file, body), body };
}

/** By the ending of the file's name, or by how the text begins. */
function typeOf(file: string | null, body: string): string {
  const ending = file === null ? '' : file.slice(file.lastIndexOf('.') + 1).toLowerCase();
  if (Object.hasOwn(TYPES, ending)) return TYPES[ending] as string;
  const start = body.trimStart();
  return (start.startsWith('<') ? TYPES['html'] : start.startsWith('{"') ? TYPES['json'] : TYPES['txt']) as string;
}
