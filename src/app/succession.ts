import type { ApplicationLog } from '../telemetry/logs/application-log.ts';
import type { Server } from './server.ts';
import { type Environment, isSuccessor, Successor } from './successor.ts';

/** Longest drain of a program that must end: meanwhile its hanging thread's listening socket swallows its share of connections. */
const LEAVE_MS = 5_000;
/** A successor that needs a successor of its own this soon would need the next one, too. */
const YOUNG_S = 60;

/**
 * The end of a program in which a thread hangs in a native call: no thread can be ended from outside, so only a new process
 * helps (DESIGN.md 4). A successor takes the ports over, then this process answers what it has and ends with status 1.
 *
 * No successor is started where the end of this process ends the service anyway: as process 1 of a container and below a
 * launcher (`npm start`). Status 1 then asks whoever watches to start the program anew.
 */
export class Succession {
  private readonly server: Server;
  private readonly log: ApplicationLog;
  private readonly env: Environment;
  private readonly isWatched: boolean;
  private successor: Successor | null = null;
  private begun = false;

  /** @param launcherFd pipe to the launcher, or null */
  constructor(server: Server, log: ApplicationLog, launcherFd: number | null, env: Environment) {
    this.server = server;
    this.log = log;
    this.env = env;
    this.isWatched = launcherFd !== null || process.pid === 1;
  }

  /** Hands over and drains; resolves when this process should end. A second call waits for ever: the first one ends the process. */
  async run(reason: string): Promise<void> {
    if (this.begun) return new Promise(() => undefined);
    this.begun = true;
    this.log.error('a thread cannot be ended; the program must be replaced', { reason });
    await this.handOver();
    process.title = 'node';
    this.successor?.release();
    await this.server.drain(LEAVE_MS);
  }

  /** Passes a signal to the successor, if there is one. */
  signal(name: NodeJS.Signals): void {
    this.successor?.signal(name);
  }

  private async handOver(): Promise<void> {
    if (this.isWatched || (isSuccessor(this.env) && process.uptime() < YOUNG_S)) {
      this.log.error('the program ends with status 1; it must be started anew');
      return;
    }
    const successor = new Successor(this.env);
    this.successor = successor;
    if (await successor.ready) {
      this.log.warn('a successor serves', { successor: successor.pid });
      return;
    }
    this.successor = null;
    this.log.error('no successor could be started; the program ends with status 1');
  }
}
