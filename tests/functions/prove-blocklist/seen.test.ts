import { expect, test } from 'vitest';
import { decide, DEFAULT_ACTION, type Sample } from '../../../functions/prove-blocklist/decide.ts';
import { row } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { blocked, facts, LIMITS, NOW, rule, sample, SET_ARN, tagged, webAcl } from './proof-facts.ts';

function withSamples(samples: readonly Sample[], change: Parameters<typeof facts>[0] = {}): ReturnType<typeof decide> {
  return decide(facts({ webAcls: [webAcl({ samples })], ...change }), LIMITS, NOW);
}

test('who is blocked and still comes in is news: when, and by which rule', () => {
  const decision = withSamples([sample('198.51.100.7/32', 'ALLOW', -60, { rule: 'let-in' })]);
  expect(decision).toMatchObject({
    kind: 'refuse',
    code: 'still-allowed',
    attention: true,
    because: '198.51.100.7/32 is blocked, and was allowed at 2026-11-22T07:59:00.000Z by let-in of shop',
    evidence: {
      seen: '0 requests blocked, 1 still allowed',
      stillAllowed: [{ address: '198.51.100.7/32', at: '2026-11-22T07:59:00.000Z', rule: 'let-in', webAcl: 'shop' }],
    },
  });
});

test('the default action lets in, too', () => {
  const decision = withSamples([sample('198.51.100.7/32', 'ALLOW', -60, { rule: DEFAULT_ACTION })]);
  expect(decision).toMatchObject({
    because: '198.51.100.7/32 is blocked, and was allowed at 2026-11-22T07:59:00.000Z by the default action of shop',
  });
});

test.each([
  [119, 'proved'],
  [120, 'still-allowed'],
])('allowed %i s after the block began is %s: WAF may take two minutes', (seconds, code) => {
  const ledger = { blocks: [blocked('198.51.100.7/32', 600)] };
  expect(withSamples([sample('198.51.100.7/32', 'ALLOW', seconds - 600)], { ledger })).toMatchObject({ code });
});

test('blocked later is blocked now; allowed later is still allowed', () => {
  const early = sample('198.51.100.7/32', 'ALLOW', -600);
  expect(withSamples([early, sample('198.51.100.7/32', 'BLOCK', -300)])).toMatchObject({ code: 'proved' });
  expect(withSamples([early, sample('198.51.100.7/32', 'BLOCK', -900)])).toMatchObject({ code: 'still-allowed' });
});

test('who is merely counted, or somebody else, says nothing', () => {
  const counted = sample('198.51.100.7/32', 'COUNT', -60);
  const other = sample('192.0.2.1/32', 'ALLOW', -60);
  expect(withSamples([counted, other])).toMatchObject({ code: 'proved', evidence: { seen: 'not seen' } });
});

test('who was seen before the block is not seen', () => {
  const ledger = { blocks: [blocked('198.51.100.7/32', 600)] };
  const samples = [sample('198.51.100.7/32', 'BLOCK', -601), sample('198.51.100.7/32', 'ALLOW', -601)];
  expect(withSamples(samples, { ledger }).evidence).toMatchObject({ seen: 'not seen' });
});

test('what is not written yet is missing there, and not allowed by WAF', () => {
  const decision = withSamples([sample('198.51.100.7/32', 'ALLOW', -60)], { sets: [tagged(['192.0.2.1/32'])] });
  expect(decision).toMatchObject({ code: 'not-written' });
});

test('an address inside a blocked range is seen as itself, since the first of the blocks around it', () => {
  const ledger = { blocks: [blocked('198.51.100.0/24', 3_600), blocked('198.51.100.7/32', 10)] };
  const sets = [tagged(['198.51.100.0/24'])];
  const decision = withSamples([sample('198.51.100.7/32', 'ALLOW', -1_000)], { ledger, sets });
  expect(decision).toMatchObject({ code: 'still-allowed' });
});

test('of a block that does not say since when, nobody can say that it came too late; that it blocks, everybody', () => {
  const undated = (from: string) => ({ blocks: [row('198.51.100.7/32', { from })] });
  const samples = [sample('198.51.100.7/32', 'ALLOW', -60)];
  expect(withSamples(samples, { ledger: undated('') })).toMatchObject({ code: 'proved', evidence: { accepted: 1 } });
  expect(withSamples(samples, { ledger: undated('yesterday') })).toMatchObject({ code: 'proved' });
  const seen = withSamples([sample('198.51.100.7/32', 'BLOCK', -60)], { ledger: undated('') });
  expect(seen.evidence).toMatchObject({ seen: '1 request blocked, 0 still allowed' });
});

test('of several reasons the first that says since when counts', () => {
  const ledger = { blocks: [row('198.51.100.7/32', { from: '' }, { from: '2026-11-22T07:00:00Z' })] };
  expect(withSamples([sample('198.51.100.7/32', 'ALLOW', -60)], { ledger })).toMatchObject({ code: 'still-allowed' });
});

test('where the rule looks into a header, that is where the client is', () => {
  const looking = (position: 'FIRST' | 'LAST' | 'ANY') =>
    webAcl({
      rules: [
        rule({
          references: [{ arn: SET_ARN, forwarded: { header: 'x-forwarded-for', position, fallback: 'NO_MATCH' } }],
        }),
      ],
      samples: [
        sample('130.176.1.1/32', 'BLOCK', -60, {
          forwarded: { 'x-forwarded-for': ['198.51.100.7/32', '192.0.2.1/32'] },
        }),
      ],
    });
  const seen = (position: 'FIRST' | 'LAST' | 'ANY') =>
    decide(facts({ webAcls: [looking(position)] }), LIMITS, NOW).evidence['seen'];
  expect(seen('FIRST')).toBe('1 request blocked, 0 still allowed');
  expect(seen('ANY')).toBe('1 request blocked, 0 still allowed');
  expect(seen('LAST')).toBe('not seen');
});

test('of many that are still allowed the newest is named, and ten are shown', () => {
  const many = Array.from({ length: 12 }, (_none, index) => `198.51.100.${index + 1}/32`);
  const ledger = { blocks: many.map((cidr) => blocked(cidr)) };
  const samples = many.map((cidr, index) => sample(cidr, 'ALLOW', index - 100));
  const decision = withSamples(samples, { ledger, sets: [tagged(many)] });
  expect(decision.because).toBe(
    '198.51.100.12/32 is blocked, and was allowed at 2026-11-22T07:58:31.000Z by block-edge of shop, like 11 others',
  );
  expect(decision.evidence['stillAllowed']).toHaveLength(10);
});
