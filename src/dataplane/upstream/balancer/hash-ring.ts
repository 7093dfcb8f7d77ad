import { murmur3 } from '../../../base/hash/murmur3.ts';
import { type Members, reducedWeights } from './members.ts';

/**
 * Points of a backend for each unit of its weight. With 512 a backend's part of the ring strays by some 4 % of its size; with the
 * usual 160 it would be 8 %, and of two backends one would hold more than 55 % in every fourteenth group.
 */
const POINTS_PER_WEIGHT = 512;

/** Points of a whole ring, so that odd weights (65535 and 1) do not make it grow without bound: less than 1 MB. */
const MAX_POINTS = 65_536;

/** More than a group can have backends. */
const RANKS = 65_536;

/**
 * Consistent hashing (Karger et al., as ketama does it): every backend owns points on a ring of 32-bit numbers, a key belongs to
 * the owner of the first point at or behind its hash. Points come from names alone: all workers, all restarts and every
 * order of the targets give the same ring, and a backend that leaves gives up its own keys and moves no others.
 */
export class HashRing {
  /** Sorted. */
  private readonly points: Uint32Array;
  /** Index of the member that owns each point. */
  private readonly owners: Uint16Array;
  /** First point of each slice of the ring, so that a look-up is a few steps however long the ring is. */
  private readonly slices: Uint32Array;
  private readonly shift: number;

  constructor(members: Members) {
    const ranking = rankByName(members);
    const drawn = drawPoints(members, ranking);
    this.points = new Uint32Array(drawn.length);
    this.owners = new Uint16Array(drawn.length);
    for (let place = 0; place < drawn.length; place++) {
      const entry = drawn[place] as number;
      const point = Math.floor(entry / RANKS);
      this.points[place] = point;
      this.owners[place] = ranking[entry - point * RANKS] as number;
    }
    this.shift = Math.min(31, Math.clz32(drawn.length));
    this.slices = firstOfSlices(this.points, this.shift);
  }

  /** Points on the ring. */
  get size(): number {
    return this.points.length;
  }

  /** Place of the first point at or behind a hash; the ring has at least one. */
  placeOf(hash: number): number {
    const { points } = this;
    let place = this.slices[hash >>> this.shift] as number;
    while (place < points.length && (points[place] as number) < hash) place++;
    return place === points.length ? 0 : place;
  }

  /** Index of the member that owns a place; places behind the end begin anew. */
  ownerAt(place: number): number {
    return this.owners[place < this.points.length ? place : place - this.points.length] as number;
  }
}

/** Indexes of the members in the order of their names: of two with one point the same one owns it whatever the order of targets. */
function rankByName({ backends }: Members): number[] {
  const nameOf = (index: number): string => (backends[index] as { name: string }).name;
  return [...backends.keys()].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** Sorted numbers, each a point with the rank of its owner behind it. */
function drawPoints({ backends, weights }: Members, ranking: readonly number[]): Float64Array {
  const counts = pointCounts(weights);
  const drawn = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const [rank, index] of ranking.entries()) {
    const { name } = backends[index] as { name: string };
    for (let seed = 0; seed < (counts[index] as number); seed++) drawn[at++] = murmur3(name, seed) * RANKS + rank;
  }
  return drawn.toSorted();
}

function pointCounts(weights: readonly number[]): number[] {
  const units = reducedWeights(weights);
  const total = units.reduce((sum, unit) => sum + unit, 0);
  const perUnit = Math.min(POINTS_PER_WEIGHT, MAX_POINTS / total);
  return units.map((unit) => Math.max(1, Math.round(unit * perUnit)));
}

function firstOfSlices(points: Uint32Array, shift: number): Uint32Array {
  const slices = new Uint32Array(2 ** (32 - shift));
  let place = 0;
  for (let slice = 0; slice < slices.length; slice++) {
    const start = slice * 2 ** shift;
    while (place < points.length && (points[place] as number) < start) place++;
    slices[slice] = place;
  }
  return slices;
}
