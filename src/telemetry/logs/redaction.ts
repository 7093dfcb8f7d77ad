import { redactJson } from './redact-json.ts';
import { MASK, percentDecoded, SecretNames } from './secret-names.ts';

/** Credentials that are told by their form, whatever they are called: those of an authorization scheme, and a JSON web token. */
const SCHEMES =
  /\b(Bearer|Basic|Negotiate|NTLM|ApiKey|Token)\s+[\w+/=.~-]{6,}|\b(Digest|AWS4-HMAC-SHA256)\s+\w+=[^\r\n]*/gi;
const WEB_TOKEN = /\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)*/g;
/** User and password in a URL (RFC 3986 3.2.1). */
const USER_INFO = /(\/\/)[^/?#@\s"']*@/g;
/** Without any of these there is neither a user nor a parameter. */
const PARTS_OF_A_URL = /[?#@;&%]/;
const SLASH = 0x2f;
const PAIR = /((?:[?&;#]|%3f|%26|%3b|%23)([^=&;#?\s"'<>]{1,128}?)(?:=|%3d))([^&;#\s"'<>]*)/gi;
const INNER_NAME = /([\w.\-[\]%]{1,128})["']?\s*[=:]/g;

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
    if (target.indexOf(';') >= 0) return this.names.mayBeIn(target) ? this.pairs(target) : target;
    return query >= 0 && this.names.mayBeInQuery(target, query + 1) ? this.pairs(target) : target;
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
    if (first === '{' || first === '[' || /[/+]json$|ndjson$/.test(type))
      return this.text(redactJson(body, this.names));
    if (type === 'application/x-www-form-urlencoded') return this.text(this.pairs(`&${body}`).slice(1));
    return null;
  }

  private pairs(text: string): string {
    return text.replaceAll(PAIR, (all, lead: string, name: string, value: string) => {
      // A value that holds pairs or JSON of its own is not taken apart: it goes as a whole.
      const isSecret = this.names.hasParameter(name) || (/[?%]/.test(value) && this.hasSecretInside(value));
      return isSecret ? lead + MASK : all;
    });
  }

  private hasSecretInside(value: string): boolean {
    const names = percentDecoded(value).matchAll(INNER_NAME);
    return names.some(([, name = '']) => this.names.hasParameter(name));
  }
}
