/** What restrict-access does about a locked group each minute, and when it is lifted. */

import { describe, expect, it } from 'vitest';
import { decided, group, later, lift, LOCKED, note, noted, OPEN, PL, planOf, refusal, SG } from './group-facts.ts';

const TAKEN = 'tcp 443 from 0.0.0.0/0, tcp 443 from ::/0, tcp 22 from 198.51.100.0/24';
const ADDED = `tcp 443 from ${PL}, tcp 22 from ${PL}`;

/** A minute after it was locked. */
const MEANWHILE = later(60);
/** A tick after its end. */
const AFTERWARDS = later(3_620);

describe('a tick while a group is locked', () => {
  it.each([
    { what: 'does nothing where it is as noted', rules: LOCKED, is: ['nothing holds'] },
    {
      what: 'takes away again what came back, whatever is said of it',
      rules: [...LOCKED, 'tcp 443 0.0.0.0/0 from a stack'],
      is: ['note', 'revoke tcp 443 from 0.0.0.0/0'],
    },
    { what: 'lets the allow-list in again', rules: LOCKED.slice(0, 2), is: ['note', `authorize tcp 22 from ${PL}`] },
    {
      what: 'finishes what died after its note',
      rules: OPEN,
      is: ['note', `authorize ${ADDED}`, `revoke ${TAKEN}`],
    },
    { what: 'leaves what somebody has let in since', rules: [...LOCKED, 'tcp 80 0.0.0.0/0'], is: ['nothing holds'] },
  ])('$what', ({ rules, is }) => {
    expect(planOf(decided({ group: group(rules), ...noted() }, MEANWHILE))).toEqual(is);
  });

  it('tells with attention of what somebody has let in since', () => {
    const decision = decided({ group: group([...LOCKED, 'tcp 80 0.0.0.0/0']), ...noted() }, MEANWHILE);
    expect(decision).toMatchObject({ attention: true, evidence: { openedSince: ['tcp 80 from 0.0.0.0/0'] } });
    expect(decision.because).toBe(
      `${SG} lets in admins alone until 2026-11-29T04:00:00.000Z; somebody has let in 1 more since`,
    );
  });

  it.each([
    { times: 1, attention: undefined, says: `anna: ${SG} lets in admins alone until 2026-11-29T04:00:00.000Z` },
    {
      times: 2,
      attention: true,
      says: `anna: ${SG} lets in admins alone until 2026-11-29T04:00:00.000Z; something has undone it 3 times: CloudTrail says who calls AuthorizeSecurityGroupIngress on ${SG}`,
    },
  ])('tells people with attention from the third time on that it is undone ($times before)', (before) => {
    const one = note({ again: { times: before.times, run: 'run-8' } });
    const decision = decided({ group: group([...LOCKED, 'tcp 443 0.0.0.0/0']), ...noted(one) }, MEANWHILE);
    expect(decision).toMatchObject({
      code: 'locked-again',
      because: before.says,
      plan: [{ input: { value: { again: { times: before.times + 1, run: 'run-9' } } } }, {}],
    });
    expect(decision.attention).toBe(before.attention);
  });

  it('counts once what one run finds undone twice', () => {
    const one = note({ again: { times: 2, run: 'run-9' } });
    expect(planOf(decided({ group: group([...LOCKED, 'tcp 443 0.0.0.0/0']), ...noted(one) }, MEANWHILE))).toEqual([
      'revoke tcp 443 from 0.0.0.0/0',
    ]);
  });

  it.each([
    {
      what: 'lets in more than when it began',
      cidrs: ['203.0.113.0/28', '198.51.100.0/24'],
      says: 'admins lets in 1 more than when this began',
    },
    {
      what: 'lets in everybody',
      cidrs: ['203.0.113.0/28', '0.0.0.0/0'],
      says: `admins (${PL}) lets in all of 0.0.0.0/0: it would shut hardly anything`,
    },
    { what: 'is empty now', cidrs: [], says: `admins (${PL}) has no entry: nobody at all could come in` },
  ])('tells people with attention of an allow-list that $what', ({ cidrs, says }) => {
    const one = note({ allowList: { id: PL, name: 'admins', networks: ['203.0.113.0/28'] } });
    const allowList = { id: PL, name: 'admins', cidrs };
    const decision = decided({ group: group(LOCKED), ...noted(one), allowList }, MEANWHILE);
    expect(decision).toMatchObject({ kind: 'nothing', code: 'holds', attention: true });
    expect(decision.because).toBe(`${SG} lets in admins alone until 2026-11-29T04:00:00.000Z; ${says}`);
  });

  it('has nothing to tell of an allow-list that lets in fewer, or the same in other words', () => {
    const one = note({ allowList: { id: PL, name: 'admins', networks: ['203.0.113.0/28'] } });
    const allowList = { id: PL, name: 'admins', cidrs: ['203.0.113.0/29', '203.0.113.8/30'] };
    const decision = decided({ group: group(LOCKED), ...noted(one), allowList }, MEANWHILE);
    expect(decision.attention).toBeUndefined();
  });

  it('asks for the tag without which it may change nothing', () => {
    const bare = group(OPEN, { allowList: null });
    expect(planOf(decided({ group: bare, ...noted() }, MEANWHILE))).toEqual(['refuse tag-removed']);
    expect(planOf(decided({ group: { ...bare, rules: [] }, ...noted(note({ added: [] })) }, MEANWHILE))).toEqual([
      'nothing holds',
    ]);
  });

  it('ends the note with a group that is gone', () => {
    expect(planOf(decided({ group: null, ...noted() }, MEANWHILE))).toEqual(['note gone']);
  });

  it('has nothing to do where nothing is locked', () => {
    expect(planOf(decided({}, MEANWHILE))).toEqual(['nothing not-locked']);
  });
});

describe('the end of a lockdown', () => {
  const locked = { group: group(LOCKED), ...noted() };

  it('lets in first what was taken away, then takes away what was let in, then ends the note', () => {
    const decision = decided(locked, AFTERWARDS);
    expect(planOf(decision)).toEqual([`authorize ${TAKEN}`, `revoke ${ADDED}`, 'note opened']);
    expect(decision).toMatchObject({ code: 'opened', metrics: { SecondsPastDue: 20 }, budget: 'free' });
  });

  it('gives the rules their descriptions back', () => {
    const decision = decided(locked, AFTERWARDS);
    expect(decision.kind === 'act' && decision.plan[0]?.input['IpPermissions']).toEqual([
      {
        IpProtocol: 'tcp',
        FromPort: 443,
        ToPort: 443,
        IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'everybody' }],
        Ipv6Ranges: [{ CidrIpv6: '::/0' }],
      },
      { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '198.51.100.0/24', Description: 'office' }] },
    ]);
  });

  it('leaves out what stands already, and what somebody else has put where ours was', () => {
    const rules = [`all - ${SG}`, 'tcp 443 ::/0', `tcp 443 ${PL} theirs`, LOCKED[2] ?? '', 'tcp 80 0.0.0.0/0'];
    expect(planOf(decided({ group: group(rules), ...noted() }, AFTERWARDS))).toEqual([
      'authorize tcp 443 from 0.0.0.0/0, tcp 22 from 198.51.100.0/24',
      `revoke tcp 22 from ${PL}`,
      'note opened',
    ]);
  });

  it('only ends the note where a run died before that', () => {
    expect(planOf(decided({ ...noted() }, AFTERWARDS))).toEqual(['note opened']);
  });

  it('by a person is noted before it begins, so that a tick goes on with it', () => {
    expect(planOf(decided({ ...lift, ...locked }, MEANWHILE))).toEqual([
      'note',
      `authorize ${TAKEN}`,
      `revoke ${ADDED}`,
      'note opened',
    ]);
    const ended = note({ ended: { by: 'ben', run: 'run-2' } });
    const half = { group: group([...OPEN, ...LOCKED.slice(1)]), ...noted(ended, 2) };
    expect(planOf(decided(half, MEANWHILE))).toEqual([`revoke ${ADDED}`, 'note opened']);
  });

  it('is nothing where nothing is locked', () => {
    expect(planOf(decided(lift))).toEqual(['nothing not-locked']);
    expect(planOf(decided({ ...lift, ...noted(note({ over: 'opened' })) }))).toEqual(['nothing not-locked']);
  });

  it('keeps out no rule for the sake of one that AWS will not have', () => {
    const all = refusal(OPEN.slice(0, 3), 'InvalidGroup.NotFound', 'refused');
    const first = decided({ ...locked, refusals: [all] }, AFTERWARDS);
    expect(planOf(first)).toEqual([
      'authorize tcp 443 from 0.0.0.0/0',
      'authorize tcp 443 from ::/0',
      'authorize tcp 22 from 198.51.100.0/24',
      `revoke ${ADDED}`,
    ]);
    expect(first).toMatchObject({ more: true });
    const alone = refusal(['tcp 22 198.51.100.0/24'], 'InvalidGroup.NotFound', 'refused');
    const then = decided(
      { group: group([...OPEN.slice(0, 2), `all - ${SG}`]), ...noted(), refusals: [all, alone] },
      AFTERWARDS,
    );
    expect(planOf(then)).toEqual(['note opened']);
    expect(then).toMatchObject({ attention: true, evidence: { notBack: ['tcp 22 from 198.51.100.0/24'] } });
  });

  it('tries for want of room again when ours is gone, and again with each tick', () => {
    const full = ['RulesPerSecurityGroupLimitExceeded', 'capacity'] as const;
    const all = refusal(OPEN.slice(0, 3), ...full);
    const alone = refusal(['tcp 443 0.0.0.0/0'], ...full);
    const rest = { group: group(OPEN.slice(1)), ...noted() };
    expect(planOf(decided({ ...rest, refusals: [all, alone] }, AFTERWARDS))).toEqual([
      'authorize tcp 443 from 0.0.0.0/0',
    ]);
    expect(decided({ ...rest, refusals: [all, alone, alone] }, AFTERWARDS)).toMatchObject({
      kind: 'refuse',
      code: 'no-room-to-open',
      attention: true,
    });
  });
});
