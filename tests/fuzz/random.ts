/** Pseudo-random numbers that a seed repeats exactly, on every machine (mulberry32). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 32 random bits. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** An integer from 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * below);
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.int(100) < percent;
  }

  /** One member of a list. */
  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)] as T;
  }

  /** A text of up to `longest` members of an alphabet. */
  text(alphabet: string, longest: number): string {
    let text = '';
    for (let left = this.int(longest + 1); left > 0; left--) text += alphabet[this.int(alphabet.length)];
    return text;
  }
}

/** A source of its own for every case of a run, so that one case can be repeated without those before it. */
export function randomOfCase(seed: number, index: number): Random {
  const mixed = new Random(seed);
  return new Random(mixed.next() ^ Math.imul(index + 1, 0x9e3779b1));
}
