import { createRequire } from 'node:module';
import { emptyMessage, type Framing, type ParsedMessage, type Reading, trimmed } from './parsed-message.ts';

/**
 * llhttp, the parser of Node.js, as the judge: undici ships it as WebAssembly with request parsing included. It runs strict,
 * no leniency is switched on.
 */
interface LlhttpExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(bytes: number): number;
  llhttp_alloc(type: number): number;
  llhttp_reset(parser: number): void;
  llhttp_execute(parser: number, data: number, length: number): number;
  llhttp_finish(parser: number): number;
  llhttp_resume_after_upgrade(parser: number): void;
  llhttp_get_error_pos(parser: number): number;
  llhttp_get_error_reason(parser: number): number;
  llhttp_get_method(parser: number): number;
  llhttp_get_http_minor(parser: number): number;
  llhttp_get_upgrade(parser: number): number;
  llhttp_should_keep_alive(parser: number): number;
  llhttp_message_needs_eof(parser: number): number;
}

interface LlhttpConstants {
  readonly ERROR: Readonly<Record<string, number>>;
  readonly FLAGS: Readonly<Record<string, number>>;
  readonly METHODS: Readonly<Record<string, number>>;
  readonly METHODS_HTTP: readonly number[];
  readonly TYPE: Readonly<Record<string, number>>;
}

/** What is needed of the platform's WebAssembly, which the type packages of Node.js leave to those of browsers. */
interface WebAssemblyPlatform {
  readonly Module: new (bytes: Buffer) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyPlatform };
const load = createRequire(import.meta.url);
const constants = load('undici/lib/llhttp/constants.js') as LlhttpConstants;
const wasm = new WebAssembly.Module(load('undici/lib/llhttp/llhttp_simd-wasm.js') as Buffer);

const METHOD_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.METHODS).map(([name, number]) => [number, name]),
);
/** Methods that llhttp takes on HTTP/1; all other tokens it refuses, whatever RFC 9110 9.1 says of extensions. */
export const LLHTTP_METHODS: ReadonlySet<string> = new Set(
  constants.METHODS_HTTP.map((number) => METHOD_NAMES.get(number) as string).filter((name) => name !== 'PRI'),
);

/** Statuses after which llhttp reads no body, whatever the head says. */
const BODYLESS_STATUSES: ReadonlySet<number> = new Set([100, 101, 102, 103, 204, 304]);

/** Offsets in llhttp's parser structure on wasm32; `assertLayout` proves them at start. */
const CONTENT_LENGTH_AT = 32;
const FLAGS_AT = 50;
const BUFFER_BYTES = 524_288;

let text = '';
let origin = 0;
let reading: Reading = { messages: [], refused: null };
let current: ParsedMessage = emptyMessage();
let headDone = false;
let name = '';
let bodyless: (status: number) => boolean = () => false;

const instance = new WebAssembly.Instance(wasm, {
  env: {
    wasm_on_message_begin: () => {
      current = emptyMessage();
      headDone = false;
      name = '';
      return 0;
    },
    wasm_on_url: (_: number, at: number, length: number) => {
      current.target += slice(at, length);
      return 0;
    },
    wasm_on_status: () => 0,
    wasm_on_header_field: (_: number, at: number, length: number) => {
      name = slice(at, length);
      (headDone ? current.trailers : current.fields).push([name, '']);
      return 0;
    },
    wasm_on_header_value: (_: number, at: number, length: number) => {
      const list = headDone ? current.trailers : current.fields;
      (list.at(-1) as [string, string])[1] = trimmed(slice(at, length));
      return 0;
    },
    wasm_on_headers_complete: (parser: number, status: number, _upgrade: number, keepAlive: number) => {
      headDone = true;
      current.status = status;
      current.minorVersion = llhttp.llhttp_get_http_minor(parser);
      if (status === 0) current.method = METHOD_NAMES.get(llhttp.llhttp_get_method(parser)) ?? '?';
      current.persistent = keepAlive === 1;
      current.framing = bodyless(status) || BODYLESS_STATUSES.has(status) ? 'none' : framingOf(parser);
      reading.messages.push(current);
      return bodyless(status) ? 1 : 0;
    },
    wasm_on_body: (_: number, at: number, length: number) => {
      current.body += slice(at, length);
      return 0;
    },
    wasm_on_message_complete: (parser: number) => {
      current.complete = true;
      // Only now does llhttp know that an answer without framing fields has no body.
      if (bodyless(current.status)) current.persistent = llhttp.llhttp_should_keep_alive(parser) === 1;
      return 0;
    },
  },
});
const llhttp = instance.exports as LlhttpExports;
const requestParser = llhttp.llhttp_alloc(constants.TYPE['REQUEST'] as number);
const responseParser = llhttp.llhttp_alloc(constants.TYPE['RESPONSE'] as number);
const buffer = llhttp.malloc(BUFFER_BYTES);
assertLayout();

/** Reads a connection's bytes as requests, one after the other. */
export function judgeRequests(bytes: Buffer): Reading {
  bodyless = () => false;
  return read(requestParser, bytes);
}

/** Reads a connection's bytes as responses; `toHead` = they answer HEAD, so that final ones have no body. */
export function judgeResponses(bytes: Buffer, toHead: boolean): Reading {
  bodyless = (status) => toHead && status >= 200;
  return read(responseParser, bytes);
}

function read(parser: number, bytes: Buffer): Reading {
  if (bytes.length > BUFFER_BYTES) throw new RangeError('the case is longer than the buffer of the judge');
  llhttp.llhttp_reset(parser);
  new Uint8Array(llhttp.memory.buffer, buffer, bytes.length).set(bytes);
  text = bytes.latin1Slice();
  origin = buffer;
  reading = { messages: [], refused: null };
  let at = buffer;
  const end = buffer + bytes.length;
  let result = 0;
  for (;;) {
    result = llhttp.llhttp_execute(parser, at, end - at);
    if (result !== constants.ERROR['PAUSED_UPGRADE']) break;
    // The switch was not made, so what follows is the next message.
    at = llhttp.llhttp_get_error_pos(parser);
    llhttp.llhttp_resume_after_upgrade(parser);
    if (at >= end) break;
  }
  if (result === 0) result = llhttp.llhttp_finish(parser);
  if (result !== 0 && result !== constants.ERROR['PAUSED_UPGRADE']) reading.refused = reasonOf(parser, result);
  return reading;
}

function framingOf(parser: number): Framing {
  const view = new DataView(llhttp.memory.buffer, parser);
  const flags = view.getUint16(FLAGS_AT, true);
  const has = (flag: string): boolean => (flags & (constants.FLAGS[flag] as number)) !== 0;
  if (has('CHUNKED')) return 'chunked';
  if (has('CONTENT_LENGTH')) return view.getBigUint64(CONTENT_LENGTH_AT, true) === 0n ? 'none' : 'length';
  return llhttp.llhttp_message_needs_eof(parser) === 1 ? 'until-close' : 'none';
}

function slice(at: number, length: number): string {
  return text.slice(at - origin, at - origin + length);
}

function reasonOf(parser: number, result: number): string {
  const at = llhttp.llhttp_get_error_reason(parser);
  const memory = Buffer.from(llhttp.memory.buffer);
  const reason = at === 0 ? '' : memory.latin1Slice(at, memory.indexOf(0, at));
  return reason === '' ? `error ${result}` : reason;
}

/** The offsets above belong to one build of llhttp: another one must fail here, not judge wrongly. */
function assertLayout(): void {
  const framings = [
    ['POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc', 'length'],
    ['POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'chunked'],
    ['POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n', 'none'],
    ['POST / HTTP/1.1\r\n\r\n', 'none'],
  ] as const;
  for (const [request, framing] of framings) {
    const found = judgeRequests(Buffer.from(request, 'latin1')).messages[0]?.framing;
    if (found !== framing) throw new Error(`this build of llhttp is laid out differently: ${framing} read as ${found}`);
  }
}
