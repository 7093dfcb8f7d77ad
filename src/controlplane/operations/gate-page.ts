import { BREAKER_STATES } from '../../shared-memory/breaker.ts';
import { EJECTION_CAUSES } from '../../shared-memory/ejection.ts';
import type { RetryBudgetFigures } from '../../shared-memory/retry-budget.ts';
import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import type { Exposition } from '../../telemetry/metrics/exposition.ts';
import type { WatchedGate } from '../gates/gate-watch.ts';
import type { LabelTexts } from './label-texts.ts';

/** What the metrics of breakers, ejection and the retry budget are made of. */
export interface GatePageSource {
  figures(): readonly WatchedGate[];
  budgetFigures(): RetryBudgetFigures;
}

/** For a program without gates. */
export const NO_GATES: GatePageSource = {
  figures: () => [],
  budgetFigures: () => ({ requests: 0, used: 0, allowed: 0 }),
};

/** Values of `rwwwrse_circuit_breaker_state` in the order of the states: more is worse. */
const STATE_VALUES: readonly number[] = [0, 2, 1, 3];

/** Writes the metrics of gates; yields between them. One name with several policies shows the worst of its states. */
export function* writeGates(to: Exposition, source: GatePageSource, labels: LabelTexts): Generator<void> {
  const gates = source.figures();
  const byName = Map.groupBy(gates, ({ backend }) => `backend="${labels.backend(backend)}"`);
  const breakers = only(byName, ({ hasBreaker }) => hasBreaker);
  const state = to.family(CATALOGUE.breakerState);
  for (const [label, same] of breakers) to.sample(state, label, Math.max(...same.map(stateValue)));
  const turns = to.family(CATALOGUE.breakerTransitions);
  for (const [label, same] of breakers)
    for (const [at, name] of BREAKER_STATES.entries())
      to.sample(
        turns,
        `${label},to="${name}"`,
        total(same, ({ state: { turns: all } }) => all[at]),
      );
  yield;
  const ejectables = only(byName, ({ isEjectable }) => isEjectable);
  const ejected = to.family(CATALOGUE.backendEjected);
  for (const [label, same] of ejectables) to.sample(ejected, label, Number(same.some((gate) => gate.state.isEjected)));
  const ejections = to.family(CATALOGUE.backendEjections);
  for (const [label, same] of ejectables)
    for (const [at, cause] of EJECTION_CAUSES.entries())
      to.sample(
        ejections,
        `${label},reason="${cause}"`,
        total(same, ({ state: { ejections: all } }) => all[at]),
      );
  yield;
  const { used, allowed } = source.budgetFigures();
  to.single(CATALOGUE.retryBudgetUsed, used);
  to.single(CATALOGUE.retryBudgetAllowed, allowed);
}

type Gates = ReadonlyMap<string, readonly WatchedGate[]>;

function only(gates: Gates, isMeant: (gate: WatchedGate) => boolean): [string, readonly WatchedGate[]][] {
  return Array.from(gates, ([label, same]) => [label, same.filter(isMeant)] as [string, readonly WatchedGate[]]).filter(
    ([, same]) => same.length > 0,
  );
}

function stateValue({ state: { circuit } }: WatchedGate): number {
  return STATE_VALUES[BREAKER_STATES.indexOf(circuit)] as number;
}

function total(gates: readonly WatchedGate[], countOf: (gate: WatchedGate) => number | undefined): number {
  return gates.reduce((sum, gate) => sum + (countOf(gate) ?? 0), 0);
}
