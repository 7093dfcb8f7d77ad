/** What threads of a test import to come to gates: {@link inThreads} gives them one module. */
export { BackendGate } from '../../src/shared-memory/backend-gate.ts';
export { SharedBreaker } from '../../src/shared-memory/breaker.ts';
export { GateMemory, GateTable } from '../../src/shared-memory/gate-memory.ts';
