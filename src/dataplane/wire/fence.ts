/**
 * Every entry from the event loop runs inside a fence: a throw ends what was being handled, never the worker, and everything
 * the event wrote leaves together at its end (DESIGN.md 4, Fences).
 */

/** A wire that has something to hand to the kernel. */
export interface Flushable {
  flush(): void;
}

/** Gets every throw that reached a fence. */
export type DefectSink = (error: unknown) => void;

/** Stands where a wire stood, so that none is kept alive. */
const NOTHING: Flushable = { flush: () => undefined };

/** Never shortened: an array that is emptied gives its memory back, and would take new memory in every event (a tenth of what a request takes). */
const dirty: Flushable[] = [];
let dirtyCount = 0;
let depth = 0;
let scheduled = false;
let report: DefectSink = (error) => {
  throw error;
};

/** Sets where defects go; once, at the start of a worker. */
export function setDefectSink(sink: DefectSink): void {
  report = sink;
}

/** Reports a defect that was caught nearer to its cause than the fence. */
export function reportDefect(error: unknown): void {
  report(error);
}

/** Remembers a wire for the flush at the end of the running event, or of the next turn when no fence is open. */
export function markDirty(wire: Flushable): void {
  dirty[dirtyCount++] = wire;
  if (depth === 0 && !scheduled) {
    scheduled = true;
    process.nextTick(flushOutsideFence);
  }
}

/** Opens a fence; every call is paired with `leaveFence` in a `finally`. */
export function enterFence(): void {
  depth++;
}

/** Closes a fence and flushes what was written inside the outermost one. */
export function leaveFence(): void {
  if (--depth === 0 && dirtyCount > 0) flushDirty();
}

/** Runs `run` inside a fence, for entries that are not hot: timers, messages. */
export function fenced(run: () => void): void {
  enterFence();
  try {
    run();
  } catch (error) {
    report(error);
  } finally {
    leaveFence();
  }
}

/** Reports a throw from handling a wire's event and lets the owner end what the wire carries; a second throw closes the wire. */
export function endAfterDefect(wire: { owner: { wireDefect(): void }; destroy(): void }, error: unknown): void {
  report(error);
  try {
    wire.owner.wireDefect();
  } catch (second) {
    report(second);
    wire.destroy();
  }
}

function flushOutsideFence(): void {
  scheduled = false;
  flushDirty();
}

function flushDirty(): void {
  for (let i = 0; i < dirtyCount; i++) {
    const wire = dirty[i] as Flushable;
    dirty[i] = NOTHING;
    try {
      wire.flush();
    } catch (error) {
      report(error);
    }
  }
  dirtyCount = 0;
}
