/** A client process of the counting drill: takes one {@link ClientOrder} over its channel, and sends what it counted. */
import { runH2Lane } from './counting/h2-lane.ts';
import type { ClientOrder } from './counting/messages.ts';
import { type ClientCounts, SteadyLane } from './counting/steady-lane.ts';
import { visitOnce } from './counting/visits.ts';

const LANES = 12;
const VISITORS = 6;

process.once('message', (order) => void run(order as ClientOrder));
process.once('disconnect', () => process.exit());

async function run({ port, h2Port, requests, visits, seed }: ClientOrder): Promise<void> {
  const counts: ClientCounts = { exchanges: {}, connections: 0, unsure: 0, surprises: [] };
  const lanes = Array.from({ length: LANES }, (_, lane) => {
    const share = Math.floor(requests / LANES) + (lane < requests % LANES ? 1 : 0);
    return new SteadyLane(port, share, seed * LANES + lane, counts).run();
  });
  let next = 0;
  const visitor = async (): Promise<void> => {
    while (next < visits) await visitOnce(port, next++, counts);
  };
  const h2 = runH2Lane(h2Port, visits, seed, counts);
  await Promise.all([...lanes, h2, ...Array.from({ length: VISITORS }, visitor)]);
  process.send?.(counts);
}
