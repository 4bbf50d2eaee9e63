import { describe, expect, it } from 'vitest';
import { assigned } from '../../../shared/judgement/assignment.ts';

/** Who gets what, where each is offered these, best first: `a1 b2`. */
function shared(offers: { readonly [seeker: string]: string }, seekers = Object.keys(offers)): string {
  const found = assigned({
    seekers,
    offersTo: (seeker) => (offers[seeker] ?? '').split(''),
    keyOf: (offer) => offer,
  });
  return [...found]
    .map(([seeker, offer]) => `${seeker}${offer}`)
    .toSorted()
    .join(' ');
}

describe('what there is is shared out', () => {
  it('the best to each, where they want different things', () => {
    expect(shared({ a: '12', b: '21' })).toBe('a1 b2');
  });

  it('to who comes first, where they want the same', () => {
    expect(shared({ a: '12', b: '12' })).toBe('a1 b2');
    expect(shared({ a: '12', b: '12' }, ['b', 'a'])).toBe('a2 b1');
    expect(shared({ a: '1', b: '1' })).toBe('a1');
    expect(shared({ a: '1', b: '1' }, ['b', 'a'])).toBe('b1');
  });

  it('to as many as possible: who can take another makes room', () => {
    expect(shared({ a: '12', b: '1' })).toBe('a2 b1');
    expect(shared({ a: '12', b: '23', c: '1' })).toBe('a2 b3 c1');
    expect(shared({ a: '12', b: '12', c: '123' })).toBe('a1 b2 c3');
  });

  it('and who cannot keeps what he has', () => {
    expect(shared({ a: '1', b: '1', c: '12' })).toBe('a1 c2');
    expect(shared({ a: '12', b: '12', c: '12' })).toBe('a1 b2');
    expect(shared({ a: '12', b: '12', c: '12', d: '123' })).toBe('a1 b2 d3');
  });

  it('rather by what is free than by moving somebody', () => {
    expect(shared({ a: '1', b: '12', c: '132' })).toBe('a1 b2 c3');
  });

  it('to nobody where there is nothing, or nobody', () => {
    expect(shared({ a: '', b: '' })).toBe('');
    expect(shared({})).toBe('');
    expect(shared({ a: '', b: '1' })).toBe('b1');
  });
});

describe('things are told from each other by their key', () => {
  it('and go to one seeker only, whatever they are called to each', () => {
    const offersTo = (seeker: string): readonly { readonly id: string; readonly to: string }[] => [
      { id: '1', to: seeker },
      { id: '2', to: seeker },
    ];
    const found = assigned({ seekers: ['a', 'b', 'c'], offersTo, keyOf: ({ id }) => id });
    expect([...found]).toEqual([
      ['a', { id: '1', to: 'a' }],
      ['b', { id: '2', to: 'b' }],
    ]);
  });
});

describe('however it goes', () => {
  /** The most that can be served, by trying all. */
  function most(offers: readonly (readonly number[])[], taken: ReadonlySet<number> = new Set()): number {
    const [first, ...rest] = offers;
    if (first === undefined) return 0;
    const withIt = first
      .filter((offer) => !taken.has(offer))
      .map((offer) => 1 + most(rest, new Set([...taken, offer])));
    return Math.max(most(rest, taken), ...withIt);
  }

  it('nobody more could be served', () => {
    // Each of three seekers is offered each of the lists of up to three things.
    const lists = [[], [0], [1], [2], [0, 1], [1, 0], [0, 2], [2, 1], [0, 1, 2], [2, 1, 0]];
    for (const one of lists)
      for (const two of lists)
        for (const three of lists) {
          const offers = [one, two, three];
          const found = assigned({
            seekers: [0, 1, 2],
            offersTo: (seeker) => offers[seeker] ?? [],
            keyOf: String,
          });
          const given = [...found];
          expect([offers, given.length]).toEqual([offers, most(offers)]);
          expect(new Set(given.map(([, offer]) => offer)).size).toBe(given.length);
          for (const [seeker, offer] of given) expect(offers[seeker]).toContain(offer);
        }
  });
});
