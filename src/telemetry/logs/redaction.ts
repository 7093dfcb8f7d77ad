import { redactJson } from './redact-json.ts';
import { MASK, percentDecoded, SecretNames } from './secret-names.ts';

/** Credentials that are told by their form, whatever they are called: those of an authorization scheme, and a JSON web token. */
const SCHEMES =
  /\b(Bearer|Basic|Negotiate|NTLM|ApiKey|Token)\s+[\w+/=.~-]{6,}|\b(Digest|AWS4-HMAC-SHA256)\s+\w+=[^\r\n]*/gi;
/** Begins where a word does: at every `eyJ` of a long word the search would take quadratic time. */
const WEB_TOKEN = /(?<![\w-])eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)*/g;
/** User and password in a URL (RFC 3986 3.2.1); a password with an `@` that was not escaped goes to the last one. */
const USER_INFO = /(\/\/)[^/?#\s"']*@/g;
/** Without any of these there is neither a user nor a parameter. */
const PARTS_OF_A_URL = /[?#@;&%]/;
const SLASH = 0x2f;
const PAIR = /((?:[?&;#]|%3f|%26|%3b|%23)([^=&;#?\s"'<>]{1,128}?)(?:=|%3d))([^&;#\s"'<>]*)/gi;
/** A parameter of a request target up to its value. */
const PARAMETER = /[?&;#]([^=&;#?\s]{1,128})=/g;
const VALUE_END = /[&#]|$/g;
/** Without any of these a value holds neither names nor credentials. */
const SUSPECT = /[?%@+=]|eyJ/;
const INNER_NAME = /(?<![\w.\-[\]%])([\w.\-[\]%]+)["']?\s*[=:]/g;
/** Strings of JSON, the last one perhaps cut off. */
const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)/gs;

/** Takes secrets out of what is logged: by the names of headers, parameters and fields, and by forms that only credentials have. */
export class Redaction {
  private readonly names: SecretNames;

  /** @param more names besides the built-in ones; `*` stands for any text */
  constructor(more: readonly string[]) {
    this.names = new SecretNames(more);
  }

  /** A request target. One without parameters costs next to nothing. */
  target(target: string): string {
    if (target.charCodeAt(0) !== SLASH) return this.url(target);
    const query = target.indexOf('?');
    if (target.indexOf(';') >= 0) return this.names.mayBeIn(target) ? this.parameters(target) : target;
    return query >= 0 && this.names.mayBeInQuery(target, query + 1) ? this.parameters(target) : target;
  }

  /** A URL that someone else wrote, such as the Referer: it may hold a user and a fragment, too. */
  url(url: string): string {
    if (!PARTS_OF_A_URL.test(url)) return url;
    const plain = url.indexOf('@') < 0 ? url : url.replaceAll(USER_INFO, `$1${MASK}@`);
    return this.names.mayBeIn(plain) ? this.pairs(plain) : plain;
  }

  /** Value of a header field. */
  header(name: string, value: string): string {
    return this.names.has(name) ? MASK : this.text(value);
  }

  /** Any text: what has the form of a credential, and pairs of URLs in it. */
  text(text: string): string {
    return this.url(text.replaceAll(SCHEMES, `$1$2 ${MASK}`).replaceAll(WEB_TOKEN, MASK));
  }

  /** A body or its beginning; null when it is in no form whose secrets can be found. */
  body(contentType: string, body: string): string | null {
    const type = (contentType.split(';', 1)[0] as string).trim().toLowerCase();
    const first = /\S/.exec(body)?.[0];
    // A form is what many clients call any text; what looks like JSON is treated as such.
    if (first === '{' || first === '[' || /[/+]json$|ndjson$/.test(type)) return this.json(body);
    if (type === 'application/x-www-form-urlencoded') return this.text(this.form(body));
    return null;
  }

  /** Null for what is not JSON after all, with a secret name outside of its strings: where its value ends cannot be told. */
  private json(body: string): string | null {
    const safe = redactJson(body, this.names);
    const outside = safe.replaceAll(STRINGS, '""').matchAll(INNER_NAME);
    return outside.some(([, name = '']) => this.names.has(name)) ? null : this.text(safe);
  }

  /** Only `&` ends a value here, whatever else clients leave unescaped. */
  private form(body: string): string {
    const fields = body.split('&').map((field) => {
      const value = field.indexOf('=') + 1;
      return value > 0 && this.isSecret(field.slice(0, value - 1), field.slice(value))
        ? field.slice(0, value) + MASK
        : field;
    });
    return fields.join('&');
  }

  /** A secret value goes to the end of its parameter: quotes and semicolons may be part of it. */
  private parameters(target: string): string {
    let result = '';
    let copied = 0;
    PARAMETER.lastIndex = 0;
    for (let found = PARAMETER.exec(target); found !== null; found = PARAMETER.exec(target)) {
      if (!this.names.hasParameter(found[1] as string)) continue;
      result += target.slice(copied, PARAMETER.lastIndex) + MASK;
      VALUE_END.lastIndex = PARAMETER.lastIndex;
      copied = PARAMETER.lastIndex = VALUE_END.exec(target)?.index ?? target.length;
    }
    return this.pairs(result + target.slice(copied));
  }

  private pairs(text: string): string {
    return text.replaceAll(PAIR, (all, lead: string, name: string, value: string) => {
      return this.isSecret(name, value) ? lead + MASK : all;
    });
  }

  /** A value that holds pairs, JSON or a credential is not taken apart: it goes as a whole. */
  private isSecret(name: string, value: string): boolean {
    return this.names.hasParameter(name) || (SUSPECT.test(value) && this.hasSecretInside(value));
  }

  private hasSecretInside(value: string): boolean {
    const plain = percentDecoded(value.replaceAll('+', ' '));
    if ([SCHEMES, WEB_TOKEN, USER_INFO].some((form) => plain.search(form) >= 0)) return true;
    return plain.matchAll(INNER_NAME).some(([, name = '']) => this.names.hasParameter(name));
  }
}
