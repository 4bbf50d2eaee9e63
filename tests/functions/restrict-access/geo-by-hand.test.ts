/** What restrict-access does about a restriction by country that somebody changes by hand. */

import { describe, expect, it } from 'vitest';
import type { Restriction } from '../../../functions/restrict-access/decide/countries.ts';
import type { GeoNote } from '../../../functions/restrict-access/decide/facts.ts';
import type { Decision } from '../../../shared/kernel/decision.ts';
import {
  BEN,
  decided,
  distribution,
  EVERYBODY,
  ID,
  NO_AA,
  NO_AA_BB,
  note,
  planOf,
  shut,
  UPDATE_AA,
  UPDATE_NONE,
} from './geo-facts.ts';
import { later } from './group-facts.ts';

describe('what somebody changes by hand while countries are shut out', () => {
  const wasSet = note({ onto: 'E1', isSet: true });

  function tick(one: GeoNote, stands: Restriction, etag: string, seconds: number): Decision {
    return decided({ noted: { note: one, version: 2 }, distribution: distribution(stands, { etag }) }, later(seconds));
  }

  it('is noted when it is seen first, and his when the next tick sees the same version', () => {
    const first = tick(wasSet, EVERYBODY, 'E3', 60);
    expect(first).toMatchObject({
      code: 'changed-once',
      because: `${ID} lets in everybody: where that stands at the next tick too, somebody has changed it`,
      plan: [{ input: { value: { over: null, seen: { etag: 'E3', at: later(60) } } } }],
    });
    expect(first.attention).toBeUndefined();
    const seen = { ...wasSet, seen: { etag: 'E3', at: later(60) } };
    expect(planOf(tick(seen, EVERYBODY, 'E3', 65))).toEqual(['nothing changed-once']);
    expect(tick(seen, EVERYBODY, 'E3', 120)).toMatchObject({
      code: 'taken-back',
      because: `somebody has let AA in again at ${ID} before the time (2026-11-29T04:00:00.000Z), and it is left so`,
      plan: [{ input: { value: { over: 'taken-back', takenBack: ['AA'] } } }],
      attention: true,
    });
  });

  it('is seen anew under yet another version, and nothing where ours stands again', () => {
    const seen = { ...wasSet, seen: { etag: 'E3', at: later(60) } };
    expect(tick(seen, EVERYBODY, 'E4', 120)).toMatchObject({ code: 'changed-once' });
    expect(planOf(tick(seen, NO_AA, 'E2', 120))).toEqual(['nothing holds']);
  });

  it('is not what stood before under the version before ours: that is an old state', () => {
    expect(planOf(tick(wasSet, EVERYBODY, 'E1', 60))).toEqual([UPDATE_AA, 'note']);
  });

  it('leaves shut what he has not let in again', () => {
    const both = note({
      countries: ['AA', 'BB'],
      set: NO_AA_BB,
      isSet: true,
      seen: { etag: 'E3', at: later(60) },
    });
    const decision = tick(both, NO_AA, 'E3', 120);
    expect(decision).toMatchObject({
      code: 'taken-back',
      attention: true,
      evidence: { takenBack: ['BB'] },
      plan: [
        {
          input: {
            value: {
              over: null,
              countries: ['AA'],
              takenBack: ['BB'],
              isSet: true,
              onto: 'E3',
              set: { countries: ['AA'] },
            },
          },
        },
      ],
    });
  });

  it('is all his where he has changed something else besides', () => {
    const seen = { ...wasSet, seen: { etag: 'E3', at: later(60) } };
    const decision = tick(seen, NO_AA_BB, 'E3', 120);
    expect(planOf(decision)).toEqual(['note edited']);
    expect(decision).toMatchObject({ code: 'edited', attention: true });
    expect(decision.because).toBe(
      `somebody has changed the restriction of ${ID} meanwhile: it lets in all but AA, BB, and is left so`,
    );
  });

  it('is settled at once for who asks for another country, which stands alone then', () => {
    const request = { ...shut(['DE']), asker: BEN, distribution: distribution(EVERYBODY, { etag: 'E3' }) };
    const first = decided({ ...request, noted: { note: wasSet, version: 2 } }, later(80));
    expect(planOf(first)).toEqual(['note taken-back']);
    expect(first).toMatchObject({ more: true });
    const then = decided({ ...request, noted: { note: note({ over: 'taken-back' }), version: 3 } }, later(80));
    expect(then.evidence).toMatchObject({ countries: ['DE'] });
  });

  it('does not keep from the end what he has left shut', () => {
    const both = note({ countries: ['AA', 'BB'], set: NO_AA_BB, isSet: true });
    expect(planOf(tick(both, NO_AA, 'E3', 3_620))).toEqual([UPDATE_NONE, 'note opened']);
  });
});
