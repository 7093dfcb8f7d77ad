/** Upgrades in a row under load, then a stop: `node tests/drills/upgrades.ts --count 10 --connections 200`. */
import { startHeldBackend } from '../support/held-backend.ts';
import { RawConnection } from '../support/http-client.ts';
import { Load } from '../support/load.ts';
import { isRunning } from '../support/processes.ts';
import { Churn, startUpgradable, untilGone } from '../support/upgrade.ts';
import { until } from '../support/until.ts';
import { type DrillStage, numberOption, runAsScript } from './drill.ts';

/** Of the connections of the load, those that are opened anew for every request. */
const SHARE_OF_NEW = 0.25;
const HELD = 20;

/** What a drill is to do. */
export interface UpgradeDrill {
  readonly upgrades: number;
  /** Connections of the load at a time. */
  readonly connections: number;
}

/** What a drill came to. */
export interface UpgradeFigures {
  readonly upgrades: number;
  /** Requests that were answered with 200, on connections that are kept and on new ones. */
  readonly keptAnswers: number;
  readonly newAnswers: number;
  readonly refused: number;
  readonly reset: number;
  readonly wrong: number;
  /** Longest time from the question to its answer. */
  readonly slowestUpgradeMs: number;
  /** Requests under way when the program was told to stop, and how many of them were answered. */
  readonly heldAtStop: number;
  readonly answeredAtStop: number;
}

/** Upgrades a program with two workers again and again while it serves, and stops it with requests under way. */
export async function drillUpgrades(
  stage: DrillStage,
  { upgrades, connections }: UpgradeDrill,
): Promise<UpgradeFigures> {
  const { context, tell } = stage;
  const backend = await startHeldBackend(context);
  const { program, upgrade } = await startUpgradable(context, { env: { RWWWRSE_DEFAULT_BACKEND: backend.url } });
  const fresh = Math.ceil(connections * SHARE_OF_NEW);
  const load = new Load(context, program.port, connections - fresh);
  const churn = new Churn(context, program.port, fresh);
  await until('the load runs', () => load.total > connections && churn.answers > connections, 60_000);
  let [pid, slowestUpgradeMs] = [program.pid, 0];
  for (let round = 1; round <= upgrades; round++) {
    const startedMs = performance.now();
    const ended = await upgrade('--json');
    if (ended.code !== 0) throw new Error(`upgrade ${round}: ${ended.stderr}${ended.stdout}`);
    slowestUpgradeMs = Math.max(slowestUpgradeMs, performance.now() - startedMs);
    await untilGone(context, pid);
    pid = (JSON.parse(ended.stdout) as { pid: number }).pid;
    tell(`upgrade ${round}: process ${pid}, ${load.total + churn.answers} answers`);
  }
  await Promise.all([load.stop(), churn.stop()]);
  const answeredAtStop = await stopWithHeld(pid, program.port, backend);
  const refusedOnNew = churn.problems.filter((problem) => problem.startsWith('refused')).length;
  const wrongOnNew = churn.problems.filter((problem) => problem.startsWith('status')).length;
  return {
    upgrades,
    keptAnswers: load.total,
    newAnswers: churn.answers,
    refused: load.refused + refusedOnNew,
    reset: load.losses.length + churn.problems.length - refusedOnNew - wrongOnNew,
    wrong: load.wrong + wrongOnNew,
    slowestUpgradeMs: Math.round(slowestUpgradeMs),
    heldAtStop: HELD,
    answeredAtStop,
  };
}

/** Tells a process to stop while requests wait at the backend; gives how many of them were answered with 200. */
async function stopWithHeld(
  pid: number,
  port: number,
  backend: Awaited<ReturnType<typeof startHeldBackend>>,
): Promise<number> {
  const held = await Promise.all(Array.from({ length: HELD }, () => new RawConnection(port).opened()));
  for (const connection of held) connection.get('/held');
  await until('all requests wait at the backend', () => backend.waiting === HELD);
  process.kill(pid, 'SIGTERM');
  await until('new connections are refused', async () => {
    const connection = await new RawConnection(port).opened();
    connection.destroy();
    return connection.errorCode === 'ECONNREFUSED';
  });
  backend.release();
  const answers = await Promise.all(held.map((connection) => connection.answerOrClose()));
  await until('the program ended', () => !isRunning(pid), 20_000);
  return answers.filter((answer) => answer?.status === 200).length;
}

if (import.meta.main)
  await runAsScript(async (stage) => ({
    ...(await drillUpgrades(stage, {
      upgrades: numberOption('count', 10),
      connections: numberOption('connections', 200),
    })),
  }));
