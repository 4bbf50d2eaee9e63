/** What is decided about a stage of API Gateway. */

import { describe, expect, it } from 'vitest';
import { decide } from '../../../functions/flush-caches/decide.ts';
import type { Stage, StageAsk, StageFacts } from '../../../functions/flush-caches/decide/stage-facts.ts';
import type { Decision, History, Refusal } from '../../../shared/kernel/decision.ts';
import { LIMITS } from './flush-facts.ts';

const TARGET = 'arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5/stages/prod';
const WORDS = 'flush-caches-0123456789abcdef-';
const NOW = '2026-11-29T09:01:00.000Z';
const ROWS = `a1b2c3d4e5/prod/${WORDS}/`;

const ASK: StageAsk = {
  by: 'kim',
  why: 'deploy 812',
  words: WORDS,
  begunAt: '2026-11-29T09:00:00.000Z',
  caches: ['stage'],
};

const PROD: Stage = {
  isTagged: true,
  hasCache: true,
  status: 'AVAILABLE',
  size: '0.5',
  cachingSettings: 1,
  hasCanaryApart: false,
};

interface Change extends Partial<Omit<StageFacts, 'ask' | 'stage'>> {
  readonly ask?: Partial<StageAsk> | null;
  readonly stage?: Partial<Stage> | null;
  readonly pending?: History['pending'];
  readonly now?: string;
}

function decided({ ask = {}, stage = {}, pending, now = NOW, ...more }: Change = {}): Decision {
  const facts: StageFacts = {
    kind: 'stage',
    target: TARGET,
    name: { isRest: true, apiId: 'a1b2c3d4e5', stageName: 'prod' },
    ask: ask === null ? null : { ...ASK, ...ask },
    stage: stage === null ? null : { ...PROD, ...stage },
    written: [],
    history: { epoch: 0, actions: [], memory: {}, ...(pending === undefined ? {} : { pending }) },
    ...more,
  };
  return decide(facts, LIMITS, now);
}

const FLUSHED = { cache: 'stage', at: '2026-11-29T09:00:30.000Z', version: 1 } as const;

function planned(decision: Decision): readonly unknown[] {
  if (decision.kind !== 'act') return [];
  return decision.plan.map(({ call, input }) => (call === 'ledger:write' ? [call, input['key']] : call));
}

describe('a stage that is asked to be flushed', () => {
  it('is flushed, and behind the call it is written down that it was taken', () => {
    const decision = decided();
    expect(decision).toMatchObject({
      kind: 'act',
      code: 'flushing',
      because: `flush ${TARGET} (stage) for kim: the whole load goes to the back end until it is cached again`,
      intent: `a1b2c3d4e5/prod flushed (stage) for ${WORDS}`,
      note: { by: 'kim', why: 'deploy 812', whole: ['stage'], words: WORDS },
      budget: 'free',
      more: true,
      plan: [
        { input: { restApiId: 'a1b2c3d4e5', stageName: 'prod' }, because: 'for kim: deploy 812' },
        {
          because: 'API Gateway has taken it: the same request is not sent again',
          input: {
            partition: 'flush-stage',
            key: `${ROWS}stage`,
            ifVersion: 0,
            value: { at: NOW, by: 'kim', why: 'deploy 812' },
            expiresAt: '2026-11-30T09:01:00.000Z',
          },
        },
      ],
    });
    expect(planned(decision)).toEqual(['apigateway:FlushStageCache', ['ledger:write', `${ROWS}stage`]]);
    expect(decision.evidence).toEqual({
      stage: TARGET,
      by: 'kim',
      why: 'deploy 812',
      whole: ['stage'],
      cache: '0.5',
      status: 'AVAILABLE',
      costs: 'the whole load goes to the back end until it is cached again',
    });
  });

  it('with its authorizers is flushed of both, and says what follows for the callers', () => {
    const decision = decided({ ask: { caches: ['stage', 'authorizers'], why: '' } });
    expect(planned(decision)).toEqual([
      'apigateway:FlushStageCache',
      ['ledger:write', `${ROWS}stage`],
      'apigateway:FlushStageAuthorizersCache',
      ['ledger:write', `${ROWS}authorizers`],
    ]);
    expect(decision.because).toBe(
      `flush ${TARGET} (stage, authorizers) for kim: the whole load goes to the back end until it is cached again; each caller is authorized again`,
    );
    expect(decision).toMatchObject({ intent: `a1b2c3d4e5/prod flushed (stage, authorizers) for ${WORDS}` });
    expect(decision).toMatchObject({ plan: [{ because: 'for kim: no reason was given' }, {}, {}, {}] });
  });

  it('of its authorizers alone is flushed whatever its cache is at', () => {
    const decision = decided({ ask: { caches: ['authorizers'] }, stage: { hasCache: false, status: null } });
    expect(planned(decision)[0]).toBe('apigateway:FlushStageAuthorizersCache');
    expect(decision.evidence).not.toHaveProperty('said');
    expect(decision.evidence).toMatchObject({
      cache: 'none',
      status: null,
      costs: 'each caller is authorized again',
    });
  });

  it('says what is odd about it', () => {
    const { because } = decided({ stage: { cachingSettings: 0, hasCanaryApart: true, size: null } });
    expect(because).toContain('; no method caches (cachingEnabled): there may be nothing in it; not known to be');
    expect(because).toContain('the canary caches');
    expect(decided({ stage: { size: null } }).evidence).toMatchObject({ cache: 'enabled' });
  });

  it('that was flushed long ago in the same words is flushed anew, over the same row', () => {
    const decision = decided({ written: [{ ...FLUSHED, at: '2026-11-29T08:57:59.000Z', version: 3 }] });
    expect(decision).toMatchObject({ kind: 'act', plan: [{}, { input: { ifVersion: 3 } }] });
    const other = { ...FLUSHED, cache: 'authorizers', version: 7 } as const;
    expect(decided({ written: [other] })).toMatchObject({ kind: 'act', plan: [{}, { input: { ifVersion: 0 } }] });
  });
});

describe('a cache that cannot be flushed yet', () => {
  it.each([
    ['FLUSH_IN_PROGRESS', true, 'is being flushed, which began before', 7_200],
    ['DELETE_IN_PROGRESS', false, 'is being deleted', 7_200],
    ['NOT_AVAILABLE', true, 'is enabled and not available', 600],
    [null, true, 'API Gateway says no status', 600],
  ])('%s (enabled: %s) is waited for, without the lease, and not for ever', (status, hasCache, words, longest) => {
    const decision = decided({ stage: { status, hasCache } });
    expect(decision).toMatchObject({ kind: 'wait', code: 'cache-busy', seconds: 20, handsBack: true });
    expect(decision.because).toContain(words);
    const at = (seconds: number) => new Date(Date.parse(ASK.begunAt) + seconds * 1_000).toISOString();
    expect(decided({ stage: { status, hasCache }, now: at(longest - 1) })).toMatchObject({ kind: 'wait' });
    const late = decided({ stage: { status, hasCache }, now: at(longest) });
    expect(late).toMatchObject({ kind: 'refuse', code: 'cache-busy', over: true });
    expect(late.because).toContain(`, for ${longest} s now: ask again when it is AVAILABLE`);
  });

  it('does not keep the authorizers waiting', () => {
    const decision = decided({ ask: { caches: ['stage', 'authorizers'] }, stage: { status: 'FLUSH_IN_PROGRESS' } });
    expect(planned(decision)).toEqual([
      'apigateway:FlushStageAuthorizersCache',
      ['ledger:write', `${ROWS}authorizers`],
    ]);
  });
});

describe('a flush that is under way after ours was announced', () => {
  const stage = { status: 'FLUSH_IN_PROGRESS' };
  const at = '2026-11-29T09:00:20.000Z';
  const pending = (note: NonNullable<History['pending']>['note'], when = at) => ({ intent: 'x', at: when, note });

  it('counts, although the reply was lost: that is written down, and nothing is called', () => {
    const decision = decided({ stage, pending: pending({ words: WORDS, whole: ['stage'] }) });
    expect(planned(decision)).toEqual([['ledger:write', `${ROWS}stage`]]);
    expect(decision).toMatchObject({ note: { whole: ['stage'] }, plan: [{ input: { value: { at } } }] });
    expect(decision.because).toContain('and its reply was lost');
  });

  it('counts as long as the same words are one request', () => {
    const announced = pending({ words: WORDS, whole: ['stage'] }, '2026-11-29T08:58:00.000Z');
    expect(decided({ stage, pending: announced })).toMatchObject({ kind: 'act' });
  });

  it('is not known where the cache is available again: it is flushed once more', () => {
    const decision = decided({ pending: pending({ words: WORDS, whole: ['stage'] }) });
    expect(planned(decision)[0]).toBe('apigateway:FlushStageCache');
  });

  it('is of no account where ours is written down already', () => {
    const announced = pending({ words: WORDS, whole: ['stage'] });
    expect(decided({ stage, pending: announced, written: [FLUSHED] })).toMatchObject({ code: 'in-progress' });
  });

  it.each([
    ['another request was announced', pending({ words: 'others', whole: ['stage'] })],
    ['authorizers alone were', pending({ words: WORDS, whole: ['authorizers'] })],
    ['it is not known of what', pending({ words: WORDS })],
    ['it was long ago', pending({ words: WORDS, whole: ['stage'] }, '2026-11-29T08:57:59.000Z')],
  ])('does not where %s', (_why, announced) => {
    expect(decided({ stage, pending: announced })).toMatchObject({ kind: 'wait', code: 'cache-busy' });
    expect(decided({ stage, history: 'unread' })).toMatchObject({ kind: 'wait', code: 'cache-busy' });
  });
});

describe('a stage that was flushed', () => {
  it('is followed while that is under way, often at first', () => {
    const stage = { status: 'FLUSH_IN_PROGRESS' };
    const followed = (now: string) => decided({ stage, written: [FLUSHED], now });
    expect(followed(NOW)).toMatchObject({ kind: 'wait', code: 'in-progress', seconds: 10, handsBack: true });
    expect(followed('2026-11-29T09:02:30.000Z')).toMatchObject({ seconds: 60 });
    expect(followed('2026-11-29T11:00:30.000Z')).toMatchObject({
      kind: 'refuse',
      code: 'still-under-way',
      because: `the cache of ${TARGET} is being flushed since ${FLUSHED.at}: nothing can cancel it, and it is followed no longer; aws apigateway get-stage says when it is over`,
      over: true,
    });
  });

  it('is not believed at once to be available again', () => {
    const available = (now: string) => decided({ written: [FLUSHED], now });
    expect(available('2026-11-29T09:00:39.999Z')).toMatchObject({ kind: 'wait', code: 'in-progress' });
    expect(available('2026-11-29T09:00:40.000Z')).toMatchObject({
      kind: 'nothing',
      code: 'flushed',
      because: `${TARGET} flushed (stage) for kim`,
      tells: true,
      evidence: { flushed: [{ cache: 'stage', at: FLUSHED.at }] },
    });
  });

  it('two minutes before in the same words is one request that came twice', () => {
    const at = '2026-11-29T08:58:00.000Z';
    expect(decided({ written: [{ ...FLUSHED, at }] })).toMatchObject({ kind: 'nothing', code: 'flushed' });
  });

  it('of its authorizers has nothing to be looked at', () => {
    const written = [{ ...FLUSHED, cache: 'authorizers', at: NOW } as const];
    expect(decided({ ask: { caches: ['authorizers'] }, written })).toMatchObject({ kind: 'nothing', code: 'flushed' });
    const both = {
      ask: { caches: ['stage', 'authorizers'] as const },
      stage: { hasCache: false, status: null },
      written,
    };
    expect(decided(both)).toMatchObject({
      code: 'flushed',
      evidence: {
        said: ['the stage has no cache: a size is set (0.5 GB), and cacheClusterEnabled is not, so that it stays so'],
      },
    });
  });
});

describe('a stage of which a part was flushed', () => {
  it('is told by that part, and by what is left', () => {
    const written = [{ ...FLUSHED, cache: 'authorizers' } as const];
    const stage = { status: 'CREATE_IN_PROGRESS' };
    const caches = ['stage', 'authorizers'] as const;
    expect(decided({ ask: { caches }, stage, written })).toMatchObject({
      because: `${TARGET} flushed (authorizers) for kim`,
      evidence: { said: ['the cache is being made, and there is nothing in it yet'] },
    });
    expect(decided({ ask: { caches }, written: [FLUSHED, ...written] }).because).toBe(
      `${TARGET} flushed (stage, authorizers) for kim`,
    );
  });
});

describe('a stage with nothing to flush', () => {
  it('is told', () => {
    const none = { hasCache: false, status: 'NOT_AVAILABLE', size: null };
    expect(decided({ stage: none })).toMatchObject({
      kind: 'nothing',
      code: 'no-cache',
      because: `stage ${TARGET} has no cache, nothing to flush`,
    });
    expect(decided({ stage: { ...none, size: '6.1' } }).because).toContain(': a size is set (6.1 GB)');
    expect(decided({ stage: { status: 'CREATE_IN_PROGRESS' } })).toMatchObject({
      kind: 'nothing',
      code: 'cache-empty',
      because: `the cache of ${TARGET} is being made: there is nothing in it yet`,
    });
  });
});

describe('a stage that may not be flushed', () => {
  it.each([
    ['no-such-stage', `there is no stage ${TARGET}`, { target: TARGET }, { stage: null }],
    [
      'no-cache',
      `${TARGET} is no stage of a REST API: no other has a cache that can be flushed here`,
      { target: TARGET },
      { name: { isRest: false, apiId: 'h', stageName: 'live' }, stage: null },
    ],
    ['not-tagged', `stage ${TARGET} has no tag runbook:flush`, { stage: TARGET }, { stage: { isTagged: false } }],
  ])('%s', (code, because, evidence, change) => {
    expect(decided(change)).toMatchObject({ kind: 'refuse', code, because, evidence });
  });

  it('is one that API Gateway has refused: in its own words, and not again', () => {
    const refusal: Refusal = {
      call: 'apigateway:FlushStageCache',
      input: {},
      meaning: 'refused',
      name: 'BadRequestException',
      message: 'no',
      at: NOW,
    };
    const decision = decided({ refusals: [{ ...refusal, meaning: 'conflict' }, refusal] });
    expect(decision).toMatchObject({ kind: 'refuse', code: 'flush-refused', over: true });
    expect(decision.because).toBe(
      `API Gateway does not take apigateway:FlushStageCache of ${TARGET}: BadRequestException: no`,
    );
    expect(decided({ refusals: [{ ...refusal, meaning: 'conflict' }] })).toMatchObject({ kind: 'act' });
  });

  it('is left by a run that died: who looks next says so, and of what', () => {
    const note = { by: 'kim', whole: ['stage'] };
    const left = decided({ ask: null, stage: null, pending: { intent: 'x', at: NOW, note } });
    expect(left).toMatchObject({
      kind: 'refuse',
      code: 'left-behind',
      attention: true,
      over: true,
      evidence: { target: TARGET, ...note },
    });
    expect(left.because).toContain(`a run has begun to flush ${TARGET} and has not come to its end`);
    expect(decided({ ask: null, history: 'lost' }).evidence).toEqual({ target: TARGET });
    expect(decided({ ask: null }).evidence).toEqual({ target: TARGET });
  });
});
