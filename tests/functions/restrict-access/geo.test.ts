/** What restrict-access does about countries that are shut out of a distribution. */

import { describe, expect, it } from 'vitest';
import { geoRestrictionOf, restriction, shutOut } from '../../../functions/restrict-access/decide/countries.ts';
import type { Refusal } from '../../../shared/kernel/decision.ts';
import {
  ARN,
  BEN,
  decided,
  distribution,
  EVERYBODY,
  ID,
  lift,
  NO_AA,
  NO_AA_BB,
  note,
  planOf,
  shut,
  UPDATE_AA,
  UPDATE_NONE,
} from './geo-facts.ts';
import { later, NOW } from './group-facts.ts';

describe('countries shut out', () => {
  it.each([
    { of: EVERYBODY, are: NO_AA },
    { of: restriction('blacklist', ['BB']), are: NO_AA_BB },
    { of: NO_AA, are: NO_AA },
    { of: restriction('whitelist', ['AA', 'CC']), are: restriction('whitelist', ['CC']) },
    { of: restriction('whitelist', ['AA']), are: undefined },
  ])('of $of.type $of.countries', ({ of, are }) => {
    expect(shutOut(of, ['AA'])).toEqual(are);
  });

  it('are written as CloudFront has them', () => {
    expect(geoRestrictionOf(NO_AA_BB)).toEqual({ RestrictionType: 'blacklist', Quantity: 2, Items: ['AA', 'BB'] });
    expect(geoRestrictionOf(EVERYBODY)).toEqual({ RestrictionType: 'none', Quantity: 0 });
  });
});

describe('a request to shut countries out', () => {
  it('notes what stood before, then sends the change under the version that was read', () => {
    expect(decided(shut())).toEqual({
      kind: 'act',
      code: 'shut',
      because: `anna: ${ID} lets in all but AA until 2026-11-29T04:00:00.000Z`,
      evidence: {
        distribution: ID,
        stood: 'everybody',
        before: 'everybody',
        set: 'all but AA',
        countries: ['AA'],
        until: '2026-11-29T04:00:00.000Z',
        by: 'anna',
        why: 'INC-7',
        status: 'Deployed',
        propagation: 'CloudFront takes minutes to carry a change to its edges; its Status is InProgress until then',
      },
      plan: [
        {
          call: 'ledger:write',
          input: {
            partition: 'restriction',
            key: ARN,
            ifVersion: 0,
            value: {
              kind: 'geo',
              by: 'anna',
              why: 'INC-7',
              delivery: 'request:1',
              run: 'run-1',
              from: '2026-11-29T03:00:00.000Z',
              until: '2026-11-29T04:00:00.000Z',
              ended: null,
              over: null,
              countries: ['AA'],
              before: { type: 'none', countries: [] },
              replaces: { type: 'none', countries: [] },
              set: { type: 'blacklist', countries: ['AA'] },
              onto: 'E1',
            },
          },
          because: 'what stood before (everybody) comes back when its time is over',
        },
        {
          call: 'cloudfront:UpdateDistribution',
          input: {
            Id: ID,
            IfMatch: 'E1',
            GeoRestriction: { RestrictionType: 'blacklist', Quantity: 1, Items: ['AA'] },
          },
          because: 'it lets in all but AA: anna asks for it until 2026-11-29T04:00:00.000Z',
        },
        {
          call: 'ledger:write',
          input: {
            partition: 'restriction',
            key: ARN,
            ifVersion: 1,
            value: { ...note({ onto: 'E1' }), isSet: true },
          },
          because: "CloudFront has taken it: what else stands from now on is somebody else's",
        },
      ],
      intent: `shut ${ID}`,
      budget: 'counted',
    });
  });

  it.each([
    {
      what: 'without the tag',
      change: { distribution: distribution(EVERYBODY, { isTagged: false }) },
      is: 'refuse not-tagged',
    },
    {
      what: 'that is the staging twin of another',
      change: { distribution: distribution(EVERYBODY, { isStaging: true }) },
      is: 'refuse staging-distribution',
    },
    { what: 'that is not there', change: { distribution: null }, is: 'refuse no-such-distribution' },
    {
      what: 'with nobody else on its whitelist',
      change: { distribution: distribution(restriction('whitelist', ['AA'])) },
      is: 'refuse nobody-left',
    },
    { what: 'that shuts them out', change: { distribution: distribution(NO_AA) }, is: 'nothing shut-already' },
    { what: 'for too long', change: shut(['AA'], 604_801), is: 'refuse ttl-out-of-range' },
  ])('of a distribution $what changes nothing', ({ change, is }) => {
    expect(planOf(decided({ ...shut(), ...change }))).toEqual([is]);
  });

  it('says of which traffic it does not hold', () => {
    const policy = 'the staging distribution of continuous deployment policy p-1, where the policy is enabled';
    const decision = decided({ ...shut(), distribution: distribution(EVERYBODY, { notShut: [policy] }) });
    expect(decision.evidence['notShut']).toEqual([policy]);
    expect(decision.because).toBe(`anna: ${ID} lets in all but AA until 2026-11-29T04:00:00.000Z; not shut: ${policy}`);
  });

  it('is found done by its own run, and carried out where that died on the way', () => {
    const noted = { note: note(), version: 1 };
    expect(planOf(decided({ ...shut(), noted, distribution: distribution(NO_AA) }))).toEqual(['nothing shut-already']);
    expect(planOf(decided({ ...shut(), noted }))).toEqual([UPDATE_AA, 'note']);
  });

  it('adds countries to those that are shut out, and keeps the longer time and what stood before', () => {
    const noted = { note: note(), version: 1 };
    const decision = decided({ ...shut(['BB'], 600), asker: BEN, noted, distribution: distribution(NO_AA) });
    expect(planOf(decision)).toEqual([
      'note',
      'update {"RestrictionType":"blacklist","Quantity":2,"Items":["AA","BB"]}',
      'note',
    ]);
    expect(decision.evidence).toMatchObject({ before: 'everybody', until: later(3_600), countries: ['AA', 'BB'] });
  });

  it('tells people first that somebody has changed what an earlier request had set, and then begins anew', () => {
    const edited = distribution(NO_AA_BB);
    const request = { ...shut(['DE']), asker: BEN, distribution: edited };
    const first = decided({ ...request, noted: { note: note(), version: 1 } }, later(80));
    expect(planOf(first)).toEqual(['note edited']);
    expect(first).toMatchObject({ code: 'edited', attention: true, more: true });
    const then = decided({ ...request, noted: { note: note({ over: 'edited' }), version: 2 } }, later(80));
    expect(planOf(then)).toEqual([
      'note',
      'update {"RestrictionType":"blacklist","Quantity":3,"Items":["AA","BB","DE"]}',
      'note',
    ]);
    expect(then.evidence).toMatchObject({ before: 'all but AA, BB', countries: ['DE'] });
  });

  it('does not shut out for longer what was over already: that is let in first', () => {
    const request = { ...shut(['DE'], 604_800), asker: BEN };
    const over = { note: note(), version: 1 };
    const first = decided({ ...request, noted: over, distribution: distribution(NO_AA) }, later(3_605));
    expect(planOf(first)).toEqual([UPDATE_NONE, 'note opened']);
    expect(first).toMatchObject({ code: 'opened', more: true, metrics: { SecondsPastDue: 5 } });
    const then = decided({ ...request, noted: { note: note({ over: 'opened' }), version: 2 } }, later(3_605));
    expect(planOf(then)).toEqual([
      'note',
      'update {"RestrictionType":"blacklist","Quantity":1,"Items":["DE"]}',
      'note',
    ]);
    expect(then.evidence).toMatchObject({ before: 'everybody', countries: ['DE'] });
  });

  it('for countries that CloudFront does not know is called off, and then refused', () => {
    const refusal: Refusal = {
      call: 'cloudfront:UpdateDistribution',
      input: {},
      meaning: 'refused',
      name: 'InvalidLocationCode',
      message: 'AA is no country',
      at: NOW,
    };
    const first = decided({ ...shut(), noted: { note: note(), version: 1 }, refusals: [refusal] });
    expect(planOf(first)).toEqual(['note called-off: no-such-country']);
    expect(first).toMatchObject({ more: true, attention: true });
    const off = note({ ended: { by: 'anna', run: 'run-1' }, over: 'called-off: no-such-country' });
    expect(decided({ ...shut(), noted: { note: off, version: 2 }, refusals: [refusal] })).toEqual({
      kind: 'refuse',
      code: 'no-such-country',
      because: `CloudFront does not take it for ${ID}, which is as it was`,
      evidence: { distribution: ID, aws: 'AA is no country' },
      attention: true,
    });
  });
});

describe('a tick while countries are shut out', () => {
  const noted = { note: note(), version: 1 };

  it.each([
    { what: 'does nothing while it stands', stands: NO_AA, is: ['nothing holds'] },
    { what: 'finishes what died after its note', stands: EVERYBODY, is: [UPDATE_AA, 'note'] },
    { what: 'looks twice at what somebody may have made of it', stands: NO_AA_BB, is: ['note'] },
  ])('$what', ({ stands, is }) => {
    expect(planOf(decided({ noted, distribution: distribution(stands) }, later(60)))).toEqual(is);
  });

  it('has nothing to do where nothing is noted, whatever was read', () => {
    expect(planOf(decided({ distribution: null }))).toEqual(['nothing not-restricted']);
  });

  it('ends the note with a distribution that is gone', () => {
    expect(planOf(decided({ noted, distribution: null }))).toEqual(['note gone']);
  });
});

describe('the end of a restriction', () => {
  const stands = { noted: { note: note(), version: 1 }, distribution: distribution(NO_AA, { etag: 'E7' }) };

  it('puts back exactly what stood before', () => {
    const decision = decided(stands, later(3_620));
    expect(planOf(decision)).toEqual([UPDATE_NONE, 'note opened']);
    expect(decision).toMatchObject({
      code: 'opened',
      metrics: { SecondsPastDue: 20 },
      plan: [{ input: { IfMatch: 'E7' } }, {}],
    });
  });

  it('by a person is noted first', () => {
    expect(planOf(decided({ ...stands, ...lift }, later(60)))).toEqual(['note', UPDATE_NONE, 'note opened']);
  });

  it('only ends the note where what stood before is back', () => {
    expect(planOf(decided({ ...stands, distribution: distribution() }, later(3_620)))).toEqual(['note opened']);
  });

  it('leaves what somebody has made of it, once it has been seen twice', () => {
    const other = { ...stands, distribution: distribution(NO_AA_BB, { etag: 'E8' }) };
    const first = decided({ ...other, ...lift }, later(60));
    expect(first).toMatchObject({
      code: 'changed-once',
      plan: [{ input: { value: { over: null, ended: { by: 'ben', run: 'run-2' } } } }],
    });
    const seen = note({ ended: { by: 'ben', run: 'run-2' }, seen: { etag: 'E8', at: later(60) } });
    expect(planOf(decided({ ...other, noted: { note: seen, version: 2 } }, later(120)))).toEqual(['note edited']);
  });

  it('asks for the tag without which it may change nothing', () => {
    const bare = distribution(NO_AA, { isTagged: false });
    expect(planOf(decided({ ...stands, distribution: bare }, later(3_620)))).toEqual(['refuse tag-removed']);
  });
});
