/** What the next piece of the work is asked to do. */

import { describe, expect, it } from 'vitest';
import {
  NO_PROGRESS,
  WORK,
  type Facts,
  type Place,
  type Progress,
} from '../../../functions/redrive-dead-letters/decide.ts';
import { callOf, type Part } from '../../../functions/redrive-dead-letters/decide/plan.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import { arnOf, ASK, facts, LIMITS, NOW, queue, SETTINGS, source } from './queue-facts.ts';

function place(trust: Place['trust']): Place {
  return { trust, sent: 10, back: 0 };
}

function inputOf(part: Part, progress: Partial<Progress> = {}, more: Partial<Facts> = {}): JsonObject {
  const given = facts(more);
  const { sources, ask } = given;
  const dlq = queue('orders-dlq');
  const trial = { queue: dlq, sources, progress: { ...NO_PROGRESS, ...progress }, limits: LIMITS, now: NOW };
  const { call, input } = callOf({ facts: given, limits: LIMITS, ask: ask ?? ASK, queue: dlq, trial }, part);
  expect(call).toBe(WORK);
  return input;
}

function ruleOf(part: Part, progress: Partial<Progress> = {}, more: Partial<Facts> = {}): unknown {
  return inputOf(part, progress, more)['rule'];
}

describe('a piece', () => {
  it.each<[Part, object]>([
    ['send', { mode: 'send', round: 2 }],
    ['again', { mode: 'send', round: 3 }],
    ['collect', { mode: 'collect', round: 2 }],
    ['search', { mode: 'search', round: 2 }],
    ['forgive', { mode: 'forgive', round: 2 }],
  ])('of the part %s', (part, rule) => {
    expect(ruleOf(part, { round: 2 })).toMatchObject(rule);
  });

  it('goes as fast as the request says, else as the tag does, else as SQS itself', () => {
    const settings = { ...SETTINGS, perSecond: 20 };
    const fast = { freePieces: 30 };
    expect(ruleOf('send', fast, { settings, ask: { ...ASK, perSecond: 5 } })).toMatchObject({ perSecond: 5 });
    expect(ruleOf('send', fast, { settings })).toMatchObject({ perSecond: 20 });
    expect(ruleOf('send', fast)).toMatchObject({ perSecond: 500 });
  });

  it('goes twice as fast as one before it that found the consumers working', () => {
    const rates = [0, 1, 2, 3, 4].map((freePieces) => ruleOf('send', { freePieces }));
    expect(rates).toMatchObject([50, 100, 200, 400, 500].map((perSecond) => ({ perSecond })));
    const most = { ask: { ...ASK, perSecond: 1e9 } };
    expect(ruleOf('send', { freePieces: 2_000 }, most)).toMatchObject({ perSecond: 50 * 2 ** 20 });
  });

  it('tells what is known of each consumer, but while letters are only looked at', () => {
    const onTrial = { places: { [arnOf('orders')]: place('on-trial') } };
    const trusts = (part: Part): unknown => ruleOf(part, onTrial, { sources: [source('orders'), source('refunds')] });
    const of = (orders: Place['trust'], refunds: Place['trust']): object => ({
      to: [
        { arn: arnOf('orders'), trust: orders },
        { arn: arnOf('refunds'), trust: refunds },
      ],
    });
    expect(trusts('send')).toMatchObject({ ...of('works', 'untried'), isNewTrial: true });
    expect(trusts('search')).toMatchObject({ ...of('on-trial', 'untried'), isNewTrial: false });
    expect(trusts('forgive')).toMatchObject(of('fails', 'fails'));
  });

  it('begins a trial only where some consumer may be tried', () => {
    const works = { places: { [arnOf('orders')]: place('works') } };
    expect(ruleOf('send', works)).toMatchObject({ isNewTrial: false });
    const suspect = { places: { [arnOf('orders')]: place('suspect') } };
    expect(ruleOf('send', suspect)).toMatchObject({ isNewTrial: true, to: [{ trust: 'untried' }] });
  });

  it('has the attempts and the parking queue that the tags say', () => {
    const settings = { ...SETTINGS, maxAttempts: 7, parking: 'parked' };
    const { arn, url, maximumMessageBytes } = queue('parked');
    expect(ruleOf('send', {}, { settings, parking: queue('parked') })).toMatchObject({
      maxAttempts: 7,
      parking: { arn, url, maximumMessageBytes },
    });
    expect(inputOf('send', {}, { ask: { ...ASK, maxMessages: 4 } })).toMatchObject({
      maxItems: 4,
      select: { queue: arnOf('orders-dlq'), held: 3, retentionSeconds: 1_209_600 },
      rule: { maxAttempts: 3, parking: null },
    });
  });
});
