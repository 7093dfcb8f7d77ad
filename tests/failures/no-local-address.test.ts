import { enterPrivateMachine } from '../support/private-machine.ts';

// Nothing of node:test may be loaded before: outside, this process reports no tests of its own.
const obstacle = enterPrivateMachine();
await (await import('./no-local-address.ts')).testNoLocalAddress(obstacle);
