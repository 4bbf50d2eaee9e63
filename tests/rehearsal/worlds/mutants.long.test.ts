import type * as carry from '../../../functions/carry-volumes/decide.ts';
import type * as reassign from '../../../functions/reassign-elastic-ip/decide.ts';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { Facts as AddressFacts } from '../../../functions/reassign-elastic-ip/decide.ts';
import type { Facts as VolumeFacts } from '../../../functions/carry-volumes/decide.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { Bench } from '../../../rehearsal/worlds/bench.ts';
import { catalogueOf } from '../../../rehearsal/worlds/catalogue.ts';
import { ADDRESS_MUTANTS } from './address-mutants.ts';
import { accompanied, type Mutant } from './mutant.ts';
import { VOLUME_MUTANTS } from './volume-mutants.ts';

/** The fault that is planted at the moment, for the modules that are mocked below. */
const planted = vi.hoisted(
  (): { addresses: Mutant<AddressFacts> | undefined; volumes: Mutant<VolumeFacts> | undefined } => ({
    addresses: undefined,
    volumes: undefined,
  }),
);

vi.mock('../../../functions/reassign-elastic-ip/decide.ts', async (original) => {
  const face = await original<typeof reassign>();
  const decide: typeof face.decide = (facts, limits, now) => {
    const mutant = planted.addresses;
    const given = mutant?.facts?.(facts) ?? facts;
    const decision = face.decide(given, limits, now);
    return mutant?.decision?.(decision, given) ?? decision;
  };
  return { ...face, decide };
});

vi.mock('../../../functions/carry-volumes/decide.ts', async (original) => {
  const face = await original<typeof carry>();
  const decide: typeof face.decide = (facts, limits, now) => {
    const mutant = planted.volumes;
    const given = mutant?.facts?.(facts) ?? facts;
    const decision = face.decide(given, limits, now);
    return mutant?.decision?.(decision, given) ?? decision;
  };
  return { ...face, decide };
});

const FUNCTIONS = fileURLToPath(new URL('../../../functions', import.meta.url));
/** Batches of worlds in which a planted fault must have shown itself. */
const BATCHES = 40;
const BATCH = 5;
const PATIENCE_MS = 120_000;

/** How many worlds it took an interest to notice; `undefined`: it did not. */
async function noticedAfter(
  runbook: string,
  interest: string,
  rogue: Mutant<unknown>['rogue'],
): Promise<number | undefined> {
  const functions = (await discoverFunctions(FUNCTIONS)).map((fn) => accompanied(fn, rogue));
  const bench = new Bench(functions, await catalogueOf([runbook]), 1);
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const { findings } = await bench.batch(batch, BATCH);
    if (findings.some((finding) => finding.interest === interest)) return (batch + 1) * BATCH;
  }
  return undefined;
}

describe('a fault planted in reassign-elastic-ip', () => {
  it.each(ADDRESS_MUTANTS)(
    '$interest notices one that $fault',
    async (mutant) => {
      planted.addresses = mutant;
      try {
        expect(await noticedAfter('reassign-elastic-ip', mutant.interest, mutant.rogue)).toBeDefined();
      } finally {
        planted.addresses = undefined;
      }
    },
    PATIENCE_MS,
  );
});

describe('a fault planted in carry-volumes', () => {
  it.each(VOLUME_MUTANTS)(
    '$interest notices one that $fault',
    async (mutant) => {
      planted.volumes = mutant;
      try {
        expect(await noticedAfter('carry-volumes', mutant.interest, mutant.rogue)).toBeDefined();
      } finally {
        planted.volumes = undefined;
      }
    },
    PATIENCE_MS,
  );
});

describe('the planted faults', () => {
  it('are one at least for each interest', async () => {
    const { interests } = await catalogueOf();
    const names = (all: readonly { readonly interest: string }[]): readonly string[] =>
      [...new Set(all.map(({ interest }) => interest))].toSorted();
    const wanted = Object.fromEntries(
      Object.entries(interests).map(([runbook, own]) => [runbook, own.map(({ name }) => name).toSorted()]),
    );
    expect(wanted).toEqual({
      'carry-volumes': names(VOLUME_MUTANTS),
      'reassign-elastic-ip': names(ADDRESS_MUTANTS),
    });
  });
});
