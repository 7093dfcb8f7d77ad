import assert from 'node:assert/strict';
import test from 'node:test';

import { nearestName } from './nearest-name.ts';

const KEYS = ['port', 'host', 'read_timeout', 'write_timeout', 'idle_timeout'];

test('finds the name behind one dropped, added, changed or swapped character', () => {
  const typos = {
    prt: 'port',
    porrt: 'port',
    pert: 'port',
    prot: 'port',
    read_timoeut: 'read_timeout',
    rite_timeout: 'write_timeout',
  };
  for (const [typo, name] of Object.entries(typos)) assert.equal(nearestName(typo, KEYS), name, typo);
});

test('finds nothing for a name that is far from all or too short to tell', () => {
  for (const name of ['', 'x', 'po', 'hostname_of_it', 'timeout', 'poxy'])
    assert.equal(nearestName(name, KEYS), undefined, name);
});

test('takes the first of two that are equally near', () => {
  assert.equal(nearestName('cat', ['bat', 'hat']), 'bat');
});
