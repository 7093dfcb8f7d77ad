import type { ErrorCode } from '../../base/errors/catalogue.ts';
import { reasonPhrase } from '../../base/http/status-text.ts';
import type { ErrorPage } from '../../config/route-settings.ts';

/** What an error answer tells; nothing internal is in here. */
export interface ErrorFacts {
  readonly status: number;
  readonly code: ErrorCode;
  /** The catalogue's public text. */
  readonly text: string;
  /** May come from the client: escaped wherever it is written. */
  readonly requestId: string;
  /** RFC 3339 in UTC, whole seconds. */
  readonly timestamp: string;
}

/** One way to write an error. */
export interface ErrorFormat {
  /** Without parameters, lower case: what Accept is compared with. */
  readonly mediaType: string;
  readonly contentType: string;
  write(facts: ErrorFacts): string;
}

/** The product's own form (SPEC B, Error body) with the stable code. */
export const JSON_FORMAT: ErrorFormat = {
  mediaType: 'application/json',
  contentType: 'application/json',
  write: ({ text, code, status, requestId, timestamp }) =>
    `${JSON.stringify({ error: text, code, status, request_id: requestId, timestamp })}\n`,
};

/** Problem details (RFC 9457). The type is `about:blank`, so the title is the status in words (4.2.1). */
export const PROBLEM_FORMAT: ErrorFormat = {
  mediaType: 'application/problem+json',
  contentType: 'application/problem+json',
  write: ({ text, code, status, requestId, timestamp }) =>
    `${JSON.stringify({
      type: 'about:blank',
      title: reasonPhrase(status),
      status,
      detail: text,
      code,
      request_id: requestId,
      timestamp,
    })}\n`,
};

/** A small page for people; it loads nothing. */
export const HTML_FORMAT: ErrorFormat = {
  mediaType: 'text/html',
  contentType: 'text/html; charset=utf-8',
  write({ text, code, status, requestId, timestamp }) {
    const title = `${status} ${escapeHtml(reasonPhrase(status))}`;
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
</head>
<body>
<h1>${title}</h1>
<p>${escapeHtml(text)}.</p>
<p><small>Code ${escapeHtml(code)}, request ${escapeHtml(requestId)}, ${timestamp}</small></p>
</body>
</html>
`;
  },
};

/** A page of the configuration; its placeholders are filled in once, escaped for its type. */
export function pageFormat(page: ErrorPage): ErrorFormat {
  const mediaType = (page.contentType.split(';')[0] as string).trim().toLowerCase();
  const escape = escapeFor(mediaType);
  return {
    mediaType,
    contentType: page.contentType,
    write(facts) {
      const values: Readonly<Record<string, string>> = {
        status: String(facts.status),
        error: facts.text,
        code: facts.code,
        request_id: facts.requestId,
      };
      return page.body.replaceAll(/\{\{(status|error|code|request_id)\}\}/g, (_, name: string) =>
        escape(values[name] as string),
      );
    },
  };
}

const HTML_TYPES: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml', 'text/xml', 'application/xml']);

function escapeFor(mediaType: string): (text: string) => string {
  if (HTML_TYPES.has(mediaType) || mediaType.endsWith('+xml')) return escapeHtml;
  if (mediaType === 'application/json' || mediaType.endsWith('+json')) return escapeJson;
  return (text) => text;
}

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => HTML_ENTITIES[char] as string);
}

/** For the inside of a JSON string. */
function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
