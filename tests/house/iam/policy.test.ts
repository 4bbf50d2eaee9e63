/** The evaluator that `iam.test.ts` counts on, against what the IAM user guide says. */

import { describe, expect, it } from 'vitest';
import { arnLike, evaluate, like, type Authorization, type PolicyStatement } from './policy.ts';

const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:jobs';
const send: Authorization = { action: 'sqs:SendMessage', resource: QUEUE, context: {} };

function allow(Condition: PolicyStatement['Condition'] = {}, more: Partial<PolicyStatement> = {}): PolicyStatement {
  return { Sid: 'One', Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: [QUEUE], Condition, ...more };
}

function isAllowed(context: Authorization['context'], Condition: PolicyStatement['Condition']): boolean {
  return evaluate([allow(Condition)], { ...send, context }).allowed;
}

describe('a policy', () => {
  it('denies what nobody allows, allows what one statement allows, and an explicit Deny wins', () => {
    expect(evaluate([], send)).toEqual({ allowed: false, by: [] });
    expect(evaluate([allow()], send)).toEqual({ allowed: true, by: ['One'] });
    expect(evaluate([allow(), allow({}, { Sid: 'Two', Effect: 'Deny' })], send)).toEqual({
      allowed: false,
      by: ['One'],
    });
  });

  it('takes actions without regard to case, with wildcards, and resources with regard to case', () => {
    expect(evaluate([allow({}, { Action: ['SQS:sendmessage'] })], send).allowed).toBe(true);
    expect(evaluate([allow({}, { Action: ['sqs:Send*'] })], send).allowed).toBe(true);
    expect(evaluate([allow({}, { Action: ['sqs:Receive*'] })], send).allowed).toBe(false);
    expect(evaluate([allow({}, { Resource: [QUEUE.toUpperCase()] })], send).allowed).toBe(false);
    expect(evaluate([allow({}, { Resource: ['*'] })], send).allowed).toBe(true);
  });
});

describe('wildcards', () => {
  it('stand for any characters and for one, and nothing else is special', () => {
    expect([
      like('a*c', 'abbc'),
      like('a?c', 'abc'),
      like('a?c', 'abbc'),
      like('a.c', 'abc'),
      like('[a]', 'a'),
    ]).toEqual([true, true, false, false, false]);
  });

  it('do not reach over a colon of an ARN, save in its last part', () => {
    expect(arnLike('arn:aws:ec2:*:instance/*', 'arn:aws:ec2:eu-west-1:111122223333:instance/i-1')).toBe(false);
    expect(arnLike('arn:aws:ec2:*:*:instance/*', 'arn:aws:ec2:eu-west-1:111122223333:instance/i-1')).toBe(true);
    expect(
      arnLike(
        'arn:aws:logs:*:*:log-group:/aws/lambda/a:*',
        'arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/a:log-stream:x:y',
      ),
    ).toBe(true);
  });
});

describe('a condition', () => {
  it('of several keys and operators holds when all do, of several values when one does', () => {
    const condition = {
      StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'eu-central-1'], 'aws:SourceAccount': ['111122223333'] },
      StringLike: { 'aws:ResourceTag/team': ['web*'] },
    };
    const context = {
      'aws:RequestedRegion': ['eu-central-1'],
      'aws:SourceAccount': ['111122223333'],
      'aws:ResourceTag/team': ['web-a'],
    };
    expect(isAllowed(context, condition)).toBe(true);
    expect(isAllowed({ ...context, 'aws:RequestedRegion': ['us-east-1'] }, condition)).toBe(false);
    expect(isAllowed({ ...context, 'aws:ResourceTag/team': ['db'] }, condition)).toBe(false);
  });

  it('does not hold for a key that is absent, unless it is negated or says IfExists', () => {
    expect(isAllowed({}, { StringLike: { 'aws:ResourceTag/runbook:vip': ['*'] } })).toBe(false);
    expect(isAllowed({}, { ArnLike: { 'ec2:Vpc': ['*'] } })).toBe(false);
    expect(isAllowed({}, { StringNotEquals: { 'aws:RequestedRegion': ['x'] } })).toBe(true);
    expect(isAllowed({}, { StringEqualsIfExists: { 'aws:RequestedRegion': ['x'] } })).toBe(true);
    expect(
      isAllowed({ 'aws:RequestedRegion': ['y'] }, { StringEqualsIfExists: { 'aws:RequestedRegion': ['x'] } }),
    ).toBe(false);
    expect(isAllowed({ 'aws:RequestedRegion': ['x'] }, { StringNotEquals: { 'aws:RequestedRegion': ['x'] } })).toBe(
      false,
    );
  });

  it('ForAllValues is true of no values at all, which is what Null is for; ForAnyValue is not', () => {
    const all = { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } };
    const notNull = { ...all, Null: { 'aws:TagKeys': ['false'] } };
    const any = { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a', 'b'] } };
    expect([isAllowed({}, all), isAllowed({}, notNull), isAllowed({}, any)]).toEqual([true, false, false]);
    const both = { 'aws:TagKeys': ['a', 'b'] };
    expect([isAllowed(both, all), isAllowed(both, notNull), isAllowed(both, any)]).toEqual([true, true, true]);
    const foreign = { 'aws:TagKeys': ['a', 'c'] };
    expect([isAllowed(foreign, all), isAllowed(foreign, notNull), isAllowed(foreign, any)]).toEqual([
      false,
      false,
      true,
    ]);
    expect([
      isAllowed({}, { Null: { 'aws:TagKeys': ['true'] } }),
      isAllowed(both, { Null: { 'aws:TagKeys': ['true'] } }),
    ]).toEqual([true, false]);
  });

  it('finds keys without regard to case, and compares values with regard to it', () => {
    expect(isAllowed({ 'aws:resourcetag/Team': ['web'] }, { StringEquals: { 'aws:ResourceTag/team': ['web'] } })).toBe(
      true,
    );
    expect(isAllowed({ 'aws:ResourceTag/team': ['Web'] }, { StringEquals: { 'aws:ResourceTag/team': ['web'] } })).toBe(
      false,
    );
  });

  it('that is not understood stops everything', () => {
    expect(() =>
      isAllowed(
        { 'aws:CurrentTime': ['2026-11-22T08:00:00Z'] },
        { DateLessThan: { 'aws:CurrentTime': ['2027-01-01T00:00:00Z'] } },
      ),
    ).toThrow('DateLessThan is not understood');
    expect(() => isAllowed({ 'aws:TagKeys': ['a', 'b'] }, { StringEquals: { 'aws:TagKeys': ['a'] } })).toThrow(
      'needs ForAllValues',
    );
  });
});
