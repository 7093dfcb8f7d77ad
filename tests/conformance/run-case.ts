import assert from 'node:assert/strict';

import { quote, statusOf } from '../support/http1-message.ts';
import type { BackendConnection, ScriptedBackend } from '../support/scripted-backend.ts';
import {
  type BackendReply,
  type BackendStep,
  type ClientStep,
  type ConformanceCase,
  type ExpectedForward,
  head,
  reply,
} from './case.ts';
import { Client } from './client.ts';
import { asForward, countOfFinals, isFinal, judgeAnswers, judgeForwards } from './judge.ts';
import type { ProgramUnderTest } from './program.ts';

/** Longest wait for any one thing. */
const DEADLINE_MS = 5_000;
const DEFAULT_REPLY = reply(`${head('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`);
/** Answered by the proxy itself: proves that the connection still serves without touching the backend. */
const PROBE = head('GET /live HTTP/1.1', 'Host: localhost');

/** Where cases run. */
export interface Stage {
  readonly target: ProgramUnderTest;
  readonly backend: ScriptedBackend;
  /** The Via entry that the program writes; stands for `{via}` in the bytes of a case. */
  readonly via: string;
}

/** Runs one case from a clean backend to a clean backend; throws when anything differs from the expectation. */
export async function runCase(stage: Stage, entry: ConformanceCase): Promise<void> {
  const { backend, target } = stage;
  const isHead = headsOf(entry);
  const client = new Client(target.ports[entry.listener ?? 'plain'], isHead);
  backend.begin((connection, index) => {
    void act({ backend, connection, index, client }, entry.backend?.[index] ?? DEFAULT_REPLY);
  });
  try {
    await play(stage, client, entry);
    await awaitOutcome(client, entry);
    await awaitBackend(backend, entry);
    judgeAnswers(entry.expect, client.reader);
    judgeForwards(entry.expect, backend.connections);
    judgeBackendConnections(entry, backend);
    if (entry.expect.then === 'open') await probe(client);
  } catch (error) {
    throw explain(error, client, backend);
  } finally {
    client.destroy();
    await backend.settle(DEADLINE_MS);
  }
}

function headsOf(entry: ConformanceCase): (index: number) => boolean {
  const { forwarded } = entry.expect;
  return (index) =>
    typeof forwarded !== 'string' &&
    forwarded[index] !== undefined &&
    asForward(forwarded[index]).line.startsWith('HEAD ');
}

async function play(stage: Stage, client: Client, entry: ConformanceCase): Promise<void> {
  const steps = Array.isArray(entry.send) ? (entry.send as readonly ClientStep[]) : [entry.send as ClientStep];
  for (const step of steps) {
    if (typeof step === 'string') {
      await client.send(step.replaceAll('{via}', stage.via));
      continue;
    }
    if (step.kind === 'fin') client.fin();
    else if (step.kind === 'reset') client.reset();
    else if (step.kind === 'until-read') await untilRead(client, step.text);
    else await untilForwarded(stage.backend, step.text);
  }
}

function untilRead(client: Client, text: string): Promise<void> {
  return client.changes.until(`client reads ${quote(text)}`, () => client.received.includes(text), DEADLINE_MS);
}

function untilForwarded(backend: ScriptedBackend, text: string): Promise<void> {
  return backend.changes.until(`backend gets ${quote(text)}`, () => backend.received.includes(text), DEADLINE_MS);
}

/** Waits until the client has all final answers, or until the proxy has closed where it must. */
async function awaitOutcome(client: Client, entry: ConformanceCase): Promise<void> {
  const { then } = entry.expect;
  if (then === 'gone') return;
  const wanted = countOfFinals(entry.expect);
  const hasAll = (): boolean =>
    client.reader.messages.filter((message) => message.complete && isFinal(statusOf(message))).length >= wanted;
  await client.changes.until(
    then === 'closed' ? 'the proxy closes the connection' : `${wanted} final answers`,
    () => client.closedByProxy || (then === 'open' && hasAll()),
    DEADLINE_MS,
  );
  if (then === 'open') assert.equal(client.closedByProxy, false, 'the proxy closed the connection');
}

/** Waits until the backend has got what it must get, so far as it has to wait for it. */
async function awaitBackend(backend: ScriptedBackend, entry: ConformanceCase): Promise<void> {
  const { forwarded, backendConnection } = entry.expect;
  if (forwarded === 'none') return;
  const mustClose = forwarded === 'nothing-whole' || backendConnection === 'closed';
  await backend.changes.until(
    mustClose ? 'the proxy closes its connections to the backend' : 'whole requests at the backend',
    () => (mustClose ? backend.connections.every(isClosed) : hasForwards(backend, forwarded)),
    DEADLINE_MS,
  );
}

function hasForwards(backend: ScriptedBackend, forwarded: readonly (string | ExpectedForward)[]): boolean {
  const messages = backend.connections.flatMap(({ reader }) => reader.messages);
  return messages.length >= forwarded.map(asForward).filter(({ optional }) => optional !== true).length;
}

function isClosed(connection: BackendConnection): boolean {
  return connection.closedByProxy || connection.gone;
}

function judgeBackendConnections(entry: ConformanceCase, backend: ScriptedBackend): void {
  if (entry.expect.backendConnection !== 'kept') return;
  assert.equal(backend.connections.length, 1, 'connections to the backend');
  assert.equal(backend.connections.some(isClosed), false, 'the proxy closed its connection to the backend');
}

async function probe(client: Client): Promise<void> {
  const before = client.reader.messages.length;
  await client.send(PROBE);
  const answered = (): boolean => client.reader.messages[before]?.complete === true;
  await client.changes.until('an answer to one more request', () => client.closedByProxy || answered(), DEADLINE_MS);
  const answer = client.reader.messages[before];
  assert.equal(answer?.start.slice(0, 12), 'HTTP/1.1 200', 'the connection serves one more request');
}

interface Scene {
  readonly backend: ScriptedBackend;
  readonly connection: BackendConnection;
  readonly index: number;
  readonly client: Client;
}

async function act(scene: Scene, script: BackendReply): Promise<void> {
  const { connection, backend } = scene;
  const message = connection.reader.messages.at(-1);
  const mayStart = (): boolean => script.at === 'head' || message?.complete === true || isClosed(connection);
  try {
    await backend.changes.until('the whole request', mayStart, DEADLINE_MS);
    for (const step of script.steps) await actStep(scene, step);
  } catch {
    // The case itself finds what is missing; the backend only stops.
  }
}

async function actStep(scene: Scene, step: BackendStep): Promise<void> {
  const { socket, reader } = scene.connection;
  if (typeof step === 'string') {
    if (step.startsWith('HTTP/1.1 101')) reader.startTunnel();
    if (socket.writable) socket.write(step, 'latin1');
    await new Promise<void>((resolve) => setImmediate(resolve));
  } else if (step.kind === 'repeat') {
    if (socket.writable) socket.write(step.text.repeat(step.times), 'latin1');
  } else if (step.kind === 'fin') {
    socket.end();
  } else if (step.kind === 'reset') {
    await new Promise<void>((resolve) => socket.write('', () => resolve()));
    socket.resetAndDestroy();
  } else if (step.kind === 'until-received') {
    const holds = (): boolean => scene.connection.received.includes(step.text);
    await scene.backend.changes.until(`backend gets ${quote(step.text)}`, holds, DEADLINE_MS);
  } else if (step.kind === 'until-fin') {
    await scene.backend.changes.until('a FIN', () => isClosed(scene.connection), DEADLINE_MS);
  } else if (step.kind === 'until-delivered') {
    await untilRead(scene.client, step.text);
  }
}

function explain(error: unknown, client: Client, backend: ScriptedBackend): Error {
  const text = error instanceof Error ? error.message : String(error);
  const connections = backend.connections.map(({ received }) => quote(received)).join(' / ');
  return new Error(`${text}\nclient got: ${quote(client.received)}\nbackend got: ${connections}`, { cause: error });
}
