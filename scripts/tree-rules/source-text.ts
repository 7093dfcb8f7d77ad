/** A source file as the tree rules see it. */
export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the contents of strings, templates and regular expressions blanked, position by position. */
  readonly code: string;
}

/** Words after which a slash begins a regular expression and not a division. */
const REGEX_PREFIX_WORD = /\b(?:return|typeof|case|in|of|delete|void|throw|new|do|else|instanceof|yield|await)$/;

/** Reads a source text, so that rules can look for words without being fooled by comments and strings. */
export function readSource(path: string, text: string): SourceFile {
  return { path, text, code: blankNonCode(text) };
}

/** The 1-based line of a position. */
export function lineAt(text: string, position: number): number {
  let line = 1;
  for (let index = text.indexOf('\n'); index !== -1 && index < position; index = text.indexOf('\n', index + 1))
    line += 1;
  return line;
}

function blankNonCode(text: string): string {
  // Each open `${` of a template, as the number of braces open inside it.
  const templates: { braces: number }[] = [];
  let code = '';
  while (code.length < text.length) {
    const start = code.length;
    const char = text[start] ?? '';
    const template = templates.at(-1);
    const isTemplateEnd = char === '}' && template?.braces === 0;
    if (template !== undefined && char === '{') template.braces += 1;
    if (template !== undefined && char === '}') template.braces -= 1;
    if (isTemplateEnd) templates.pop();
    const end = isTemplateEnd || char === '`' ? templateEnd(text, start + 1) : nonCodeEnd(text, start, code);
    if ((isTemplateEnd || char === '`') && text[end - 1] === '{') templates.push({ braces: 0 });
    code += end === start ? char : blank(text.slice(start, end));
  }
  return code;
}

/** The end of the comment, string or regular expression that begins at `start`; `start` itself when none does. */
function nonCodeEnd(text: string, start: number, code: string): number {
  const pair = text.slice(start, start + 2);
  if (pair === '//') return endOr(text.indexOf('\n', start), text.length);
  if (pair === '/*') return endOr(text.indexOf('*/', start + 2) + 1, text.length - 1) + 1;
  const char = text[start];
  if (char === "'" || char === '"') return quotedEnd(text, start + 1, char);
  return char === '/' && isRegexPosition(code) ? regexEnd(text, start + 1) : start;
}

function endOr(index: number, fallback: number): number {
  return index <= 0 ? fallback : index;
}

function quotedEnd(text: string, start: number, quote: string): number {
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === quote || text[index] === '\n') return index + 1;
  }
  return text.length;
}

/** Up to and including the closing backquote, or the brace of the next `${`. */
function templateEnd(text: string, start: number): number {
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === '`') return index + 1;
    else if (text[index] === '$' && text[index + 1] === '{') return index + 2;
  }
  return text.length;
}

function isRegexPosition(code: string): boolean {
  const before = code.trimEnd();
  return before === '' || /[(,=:[!&|?{};+\-*%<>~^]$/.test(before) || REGEX_PREFIX_WORD.test(before.slice(-12));
}

function regexEnd(text: string, start: number): number {
  let isInClass = false;
  for (let index = start; index < text.length && text[index] !== '\n'; index += 1) {
    const char = text[index];
    if (char === '\\') index += 1;
    else if (char === '[') isInClass = true;
    else if (char === ']') isInClass = false;
    else if (char === '/' && !isInClass) return index + 1;
  }
  return start;
}

/** Keeps the outer quotes, so that an import is still recognised, and line ends, so that lines still count. */
function blank(text: string): string {
  const first = text[0] ?? '';
  const isQuoted = first === "'" || first === '"';
  const blanked = text.replaceAll(/[^\n]/g, ' ');
  return isQuoted && text.length > 1 ? first + blanked.slice(1, -1) + first : blanked;
}
