import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const CODE = `
const { parentPort, workerData } = require('node:worker_threads');
const { module, source, data, gate, threads } = workerData;
import(module).then((loaded) => {
  const run = eval('(' + source + ')');
  Atomics.add(gate, 0, 1);
  while (Atomics.load(gate, 0) < threads);
  parentPort.postMessage({ result: run(loaded, data) });
}).catch((error) => parentPort.postMessage({ error: String(error.stack) }));
`;

/**
 * Runs `run` once per element of `data`, each in a thread of its own and all at the same moment. The function crosses to the
 * threads as its text: it may use its arguments only.
 *
 * @param module is imported by every thread and given to `run`
 * @returns what each call returned, in the order of `data`
 */
export async function inThreads<Data, Result>(
  module: URL,
  data: readonly Data[],
  run: (module: never, data: Data) => Result,
): Promise<Result[]> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const threads = data.length;
  return Promise.all(
    data.map(async (each) => {
      const workerData = { module: module.href, source: run.toString(), data: each, gate, threads };
      const worker = new Worker(CODE, { eval: true, workerData });
      const [message] = (await once(worker, 'message')) as [{ result: Result; error?: string }];
      await worker.terminate();
      if (message.error !== undefined) throw new Error(message.error);
      return message.result;
    }),
  );
}
