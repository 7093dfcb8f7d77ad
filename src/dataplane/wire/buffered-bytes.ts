/**
 * Bytes that this thread holds for clients and backends: bulk read buffers, heads that are incomplete, bodies that wait, writes
 * the kernel did not take. A listener refuses new connections above its budget (DESIGN.md 4, Memory).
 */
let held = 0;

/** Counts bytes that are held from now on; a negative number gives them back. */
export function holdBytes(delta: number): void {
  held += delta;
}

/** Bytes held now. */
export function bufferedBytes(): number {
  return held;
}
