import { HTTPParser } from 'http-parser-js';
import { emptyMessage, type ParsedMessage, type Reading } from './parsed-message.ts';

/**
 * http-parser-js as the kind of backend that takes nearly everything: bare LF, obsolete folding, any chunk size `parseInt` likes,
 * Transfer-Encoding beside Content-Length. Fed piece by piece; tells of every message that is complete.
 */
export class LenientReader {
  readonly reading: Reading = { messages: [], refused: null };
  private readonly parser = new HTTPParser('REQUEST');

  /** @param complete called behind the last byte of every message */
  constructor(complete: () => void) {
    const { messages } = this.reading;
    this.parser[HTTPParser.kOnHeadersComplete] = (info) => {
      messages.push(messageOf(info));
    };
    this.parser[HTTPParser.kOnBody] = (bytes: Buffer, at: number, length: number) => {
      (messages.at(-1) as ParsedMessage).body += bytes.latin1Slice(at, at + length);
    };
    this.parser[HTTPParser.kOnHeaders] = (flat) => {
      (messages.at(-1) as ParsedMessage).trailers = pairs(flat);
    };
    this.parser[HTTPParser.kOnMessageComplete] = () => {
      (messages.at(-1) as ParsedMessage).complete = true;
      complete();
    };
  }

  /** Reads more of the connection. */
  read(bytes: Buffer): void {
    // It stops behind every upgrade request; a server that does not switch goes on with what is left.
    for (let at = 0; at < bytes.length && this.reading.refused === null;) {
      const taken = this.parser.execute(bytes, at, bytes.length - at);
      if (typeof taken === 'number') at += taken;
      else this.reading.refused = String(taken);
    }
  }
}

interface HeadInfo {
  readonly method: number;
  readonly url: string;
  readonly versionMinor: number;
  readonly headers: string[];
  readonly shouldKeepAlive: boolean;
}

function messageOf(info: HeadInfo): ParsedMessage {
  const message = emptyMessage();
  message.method = HTTPParser.methods[info.method] as string;
  message.target = info.url;
  message.minorVersion = info.versionMinor;
  message.fields = pairs(info.headers);
  message.persistent = info.shouldKeepAlive;
  return message;
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] as string, flat[2 * i + 1] as string]);
}
