import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { otherVersion, VERSION } from '../../base/version.ts';
import { fenced } from '../wire/fence.ts';
import type { FromWorker, ToWorker, WorkerBirth } from './messages.ts';
import { WorkerRuntime } from './runtime.ts';

/** Entry of a worker thread. */
function start(): void {
  const port = parentPort;
  if (isMainThread || port === null) throw new Error('the worker entry runs in a worker thread only');
  const birth = workerData as WorkerBirth;
  const problem = otherVersion(VERSION, birth.version);
  if (problem !== null) throw new Error(problem);
  const runtime = new WorkerRuntime(birth, (message: FromWorker) => port.postMessage(message));
  port.on('message', (message: ToWorker) => {
    fenced(() => runtime.receive(message));
    // Behind what was logged in this turn, which leaves at its end.
    if (message.type === 'stop') setImmediate(() => port.close());
  });
  process.on('uncaughtException', (error) => runtime.reportDefect(error, true));
  process.on('unhandledRejection', (error) => runtime.reportDefect(error, true));
}

start();
