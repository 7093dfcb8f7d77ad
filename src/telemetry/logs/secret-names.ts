/** What stands in a log in place of a secret. */
export const MASK = '***';

/** Parts of names; a name that has one of them, without its hyphens, dots and underscores, is secret. */
const SECRET_PARTS: readonly string[] = (
  'token secret passw passphrase passcode credential apikey accesskey privatekey authkey signingkey encryptionkey ' +
  'subscriptionkey accountkey sessionkey signature authorization cookie jwt sessionid sessid assertion samlresponse ' +
  'creditcard cardnumber cvv connectionstring oauth bearer'
).split(' ');
/** Whole names; most are parts of harmless words. */
const SECRET_NAMES: readonly string[] = 'auth pwd pass sig sid otp totp pin ssn cvc xauth csrf xsrf hmac'.split(' ');
/** Names that are harmless in headers and JSON, and credentials in a query (RFC 6749 4.1.2, API keys of many services). */
const SECRET_PARAMETERS: readonly string[] = ['code', 'key'];
/** Separators inside names: `api_key`, `api-key`, `api.key` and `user[api_key]` are spellings of one name. */
const SEPARATORS = /[^a-z0-9]/g;
/** A name that may be secret in spite of how it looks, since it is written with escapes. */
const ESCAPED = /[%\\+]/;

/** Signs of a query that may hide a name, or whose values may be credentials. */
const UNUSUAL: readonly string[] = ['%', '?', ';', '@', '+', 'eyJ'];

/** Whether a name of a header, parameter or field promises a secret as its value. */
export class SecretNames {
  private readonly pattern: RegExp;
  private readonly parameter: RegExp;
  /** Finds whatever could lead to a match in a text of many names, so that harmless texts are left at once. */
  private readonly hint: RegExp;
  private readonly seen: Map<string, boolean> = new Map();

  /** @param more further names; `*` stands for any text */
  constructor(more: readonly string[]) {
    const extra = more.map((name) => name.split('*').map(normalize));
    const names = [...SECRET_NAMES, ...extra.map((pieces) => pieces.join('.*'))];
    this.pattern = patternOf(names);
    this.parameter = patternOf([...names, ...SECRET_PARAMETERS]);
    const pieces = extra.map((each) => each.toSorted((a, b) => b.length - a.length)[0] as string);
    const hints = [...SECRET_PARTS, ...SECRET_NAMES, ...SECRET_PARAMETERS, ...pieces].map(spaced);
    this.hint = new RegExp(`[%+@]|eyJ|${hints.join('|')}`, 'i');
  }

  /** Whether the value of a header or member `name` is secret. */
  has(name: string): boolean {
    return this.pattern.test(normalize(ESCAPED.test(name) ? unescaped(name) : name));
  }

  /** Whether the value of a parameter `name` of a query or form is secret. */
  hasParameter(name: string): boolean {
    return this.parameter.test(normalize(ESCAPED.test(name) ? unescaped(name) : name));
  }

  /**
   * false: no parameter of the query that begins behind `from` is secret. Looks at names only, most of which it has seen before,
   * and leaves everything unusual to others.
   */
  mayBeInQuery(target: string, from: number): boolean {
    if (UNUSUAL.some((sign) => target.indexOf(sign, from) >= 0)) return true;
    for (let at = from; at < target.length;) {
      const next = target.indexOf('&', at);
      const end = next < 0 ? target.length : next;
      const equals = target.indexOf('=', at);
      if (equals >= 0 && equals < end && this.isKnownSecret(target.slice(at, equals))) return true;
      at = end + 1;
    }
    return false;
  }

  /** false: no parameter in `text` is secret. */
  mayBeIn(text: string): boolean {
    return this.hint.test(text);
  }

  private isKnownSecret(name: string): boolean {
    if (name.length > SEEN_LENGTH) return true;
    const seen = this.seen.get(name);
    if (seen !== undefined) return seen;
    const isSecret = this.hasParameter(name);
    if (this.seen.size >= SEEN_NAMES) this.seen.clear();
    this.seen.set(name, isSecret);
    return isSecret;
  }
}

/** Names that are remembered, and their longest length: clients may send any number of any names. */
const SEEN_NAMES = 1_000;
const SEEN_LENGTH = 64;

function patternOf(names: readonly string[]): RegExp {
  return new RegExp(`${SECRET_PARTS.join('|')}|^(?:${names.join('|')})$`, 's');
}

function normalize(name: string): string {
  return name.toLowerCase().replaceAll(SEPARATORS, '');
}

/** Pattern of a name with a separator allowed between any two of its letters. */
function spaced(name: string): string {
  return name.split('').join('[^a-z0-9&=]?');
}

/** A name without percent signs, plus signs and JSON escapes; wrong ones stay. */
function unescaped(name: string): string {
  const plain = name.replaceAll(/\\u([0-9a-f]{4})/gi, (_all, hex: string) => characterOf(hex));
  // Twice, as some frameworks decode once more than the browser encoded.
  return percentDecoded(percentDecoded(plain));
}

/** Text with its percent escapes replaced; what is no escape stays. */
export function percentDecoded(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) => characterOf(hex));
}

function characterOf(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}
