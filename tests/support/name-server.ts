import { createSocket, type RemoteInfo } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

const TYPE_A = 1;
const TYPE_AAAA = 28;
const TYPE_SRV = 33;
const RCODE_SERVFAIL = 2;
const RCODE_NXDOMAIN = 3;

/** An SRV record. */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** What a name server says about one name; without records of a type it says that there are none. */
export interface Zone {
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly srv?: readonly SrvRecord[];
  /** Seconds; 0 when not given. */
  readonly ttl?: number;
  /** In place of an answer: nothing, a failure, one that is cut and must be asked for by TCP, or bytes that are no answer. */
  readonly trouble?: 'silent' | 'servfail' | 'truncated' | 'rubbish';
  /** Types that are never answered. */
  readonly silentFor?: readonly ('a' | 'aaaa')[];
  readonly delayMs?: number;
}

/** A question as it came. */
export interface Question {
  readonly name: string;
  readonly type: 'a' | 'aaaa' | 'srv' | 'other';
  readonly overTcp: boolean;
}

/** A real name server on loopback, UDP and TCP, whose answers tests change while it runs. */
export class NameServer {
  readonly port: number;
  readonly zones: Map<string, Zone> = new Map();
  readonly questions: Question[] = [];
  /** No question is answered. */
  silent = false;

  constructor(port: number) {
    this.port = port;
  }

  /** As a setting names it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Questions about one name. */
  asked(name: string): number {
    return this.questions.filter((question) => question.name === name).length;
  }

  /** The answer to a query and when it is sent; null = none. */
  answer(query: Buffer, overTcp: boolean): { bytes: Buffer; delayMs: number } | null {
    const { name, type, end } = readQuestion(query);
    this.questions.push({ name, type, overTcp });
    const zone = this.zones.get(name);
    if (this.silent || zone?.trouble === 'silent') return null;
    if ((type === 'a' || type === 'aaaa') && zone?.silentFor?.includes(type) === true) return null;
    const delayMs = zone?.delayMs ?? 0;
    if (zone?.trouble === 'rubbish') return { bytes: Buffer.from('no answer at all'), delayMs };
    const records = zone === undefined || zone.trouble !== undefined ? [] : recordsOf(zone, type);
    const isCut = zone?.trouble === 'truncated' && !overTcp;
    const told = zone?.trouble === 'truncated' && overTcp ? recordsOf(zone, type) : records;
    const rcode = zone === undefined ? RCODE_NXDOMAIN : zone.trouble === 'servfail' ? RCODE_SERVFAIL : 0;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8480 | (isCut ? 0x0200 : 0) | rcode, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(told.length, 6);
    return { bytes: Buffer.concat([head, query.subarray(12, end), ...told]), delayMs };
  }
}

/** Starts a name server; it ends with the test. */
export async function startNameServer(context: TestContext): Promise<NameServer> {
  const tcp = createServer();
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve));
  const server = new NameServer(port);
  let closed = false;
  udp.on('message', (query: Buffer, from: RemoteInfo) => {
    const answer = server.answer(query, false);
    const send = (bytes: Buffer): void => {
      if (!closed) udp.send(bytes, from.port, from.address, () => undefined);
    };
    if (answer !== null) later(answer.delayMs, () => send(answer.bytes));
  });
  const open = new Set<Socket>();
  tcp.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('data', (bytes: Buffer) => answerTcp(server, socket, bytes));
  });
  context.after(() => {
    closed = true;
    udp.close();
    tcp.close();
    for (const socket of open) socket.destroy();
  });
  return server;
}

/** A query over TCP comes in one piece on loopback, behind its length. */
function answerTcp(server: NameServer, socket: Socket, bytes: Buffer): void {
  const answer = server.answer(bytes.subarray(2), true);
  if (answer === null) return;
  const length = Buffer.alloc(2);
  length.writeUInt16BE(answer.bytes.length);
  socket.write(Buffer.concat([length, answer.bytes]));
}

function later(delayMs: number, run: () => void): void {
  if (delayMs === 0) run();
  else setTimeout(run, delayMs).unref();
}

function readQuestion(query: Buffer): Pick<Question, 'name' | 'type'> & { end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] as number; length > 0; length = query[at] as number) {
    labels.push(query.latin1Slice(at + 1, at + 1 + length));
    at += length + 1;
  }
  const type = query.readUInt16BE(at + 1);
  const types = new Map<number, Question['type']>([
    [TYPE_A, 'a'],
    [TYPE_AAAA, 'aaaa'],
    [TYPE_SRV, 'srv'],
  ]);
  return { name: labels.join('.').toLowerCase(), type: types.get(type) ?? 'other', end: at + 5 };
}

function recordsOf(zone: Zone, type: Question['type']): Buffer[] {
  const ttl = zone.ttl ?? 0;
  if (type === 'a')
    return (zone.a ?? []).map((address) => record(TYPE_A, ttl, Buffer.from(address.split('.').map(Number))));
  if (type === 'aaaa') return (zone.aaaa ?? []).map((address) => record(TYPE_AAAA, ttl, ipv6Bytes(address)));
  if (type === 'srv') return (zone.srv ?? []).map((each) => record(TYPE_SRV, ttl, srvBytes(each)));
  return [];
}

/** A record about the name that was asked for, by a pointer to the question (RFC 1035 4.1.4). */
function record(type: number, ttl: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, bytes]);
}

function ipv6Bytes(address: string): Buffer {
  const [left = '', right] = address.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = right === undefined ? [] : new Array<string>(8 - head.length - tail.length).fill('0');
  return Buffer.from([...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function srvBytes({ priority, weight, port, target }: SrvRecord): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(priority, 0);
  head.writeUInt16BE(weight, 2);
  head.writeUInt16BE(port, 4);
  const labels = target.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  return Buffer.concat([head, ...(target === '' ? [] : labels), Buffer.from([0])]);
}
