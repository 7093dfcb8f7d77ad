import { MASK, type SecretNames } from './secret-names.ts';

const STRING_END = /(?<!\\)(?:\\\\)*"/g;
const SCALAR = /[^\s,}\]]+/y;
const INNER_NAME = /(?<![\w.\-[\]%])([\w.\-[\]%]+)\\*["']?\s*[=:]/g;
const SPACE = /\s*/y;

/**
 * JSON text with the values of secret members masked, objects and lists as a whole. Works on text that is cut off and on text
 * that is not quite JSON; nothing but values of secret members changes.
 */
export function redactJson(text: string, names: SecretNames): string {
  let result = '';
  let copied = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at)) {
    const end = stringEnd(text, at);
    const colon = skipSpace(text, end);
    const content = text.slice(at + 1, end);
    if (text[colon] === ':' && names.has(content)) {
      const value = skipSpace(text, colon + 1);
      const after = valueEnd(text, value);
      result += `${text.slice(copied, value)}"${MASK}"`;
      copied = at = after;
      continue;
    }
    if (text[colon] !== ':' && holdsSecretPairs(content, names)) {
      result += `${text.slice(copied, at)}"${MASK}"`;
      copied = end;
    }
    at = end;
  }
  return result + text.slice(copied);
}

/** A string that is a document of its own, with a secret member or parameter in it. */
function holdsSecretPairs(content: string, names: SecretNames): boolean {
  return content.matchAll(INNER_NAME).some(([, name = '']) => names.has(name));
}

/** Behind the string that begins at `at`, or the end of a text that is cut off. */
function stringEnd(text: string, at: number): number {
  STRING_END.lastIndex = at + 1;
  return STRING_END.test(text) ? STRING_END.lastIndex : text.length;
}

function valueEnd(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return stringEnd(text, at);
  if (first === '{' || first === '[') return nestedEnd(text, at);
  SCALAR.lastIndex = at;
  return SCALAR.test(text) ? SCALAR.lastIndex : at;
}

function nestedEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = stringEnd(text, at) - 1;
    else if (char === '{' || char === '[') depth++;
    else if ((char === '}' || char === ']') && --depth === 0) return at + 1;
  }
  return text.length;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return Math.max(SPACE.lastIndex, at);
}
