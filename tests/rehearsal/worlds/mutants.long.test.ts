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
const SEED = 1;

/** Whether an interest notices a fault within some batches of worlds, and finds nothing in the same batch without it. */
async function isNoticed<Facts>(
  runbook: string,
  plant: (mutant: Mutant<Facts> | undefined) => void,
  mutant: Mutant<Facts>,
) {
  const functions = await discoverFunctions(FUNCTIONS);
  const catalogue = await catalogueOf([runbook]);
  const accompaniedOnes = functions.map((fn) => accompanied(fn, mutant.rogue));
  const finds = async (bench: Bench, batch: number): Promise<boolean> =>
    (await bench.batch(batch, BATCH)).findings.some(({ interest }) => interest === mutant.interest);
  for (let batch = 0; batch < BATCHES; batch += 1) {
    plant(mutant);
    const isFound = await finds(new Bench(accompaniedOnes, catalogue, SEED), batch).finally(() => plant(undefined));
    if (isFound && !(await finds(new Bench(functions, catalogue, SEED), batch))) return true;
  }
  return false;
}

describe('a fault planted in reassign-elastic-ip', () => {
  const plant = (mutant: Mutant<AddressFacts> | undefined): void => {
    planted.addresses = mutant;
  };
  it.each(ADDRESS_MUTANTS)('$interest notices one that $fault', async (mutant) => {
    expect(await isNoticed('reassign-elastic-ip', plant, mutant)).toBe(true);
  });
});

describe('a fault planted in carry-volumes', () => {
  const plant = (mutant: Mutant<VolumeFacts> | undefined): void => {
    planted.volumes = mutant;
  };
  it.each(VOLUME_MUTANTS)('$interest notices one that $fault', async (mutant) => {
    expect(await isNoticed('carry-volumes', plant, mutant)).toBe(true);
  });
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
