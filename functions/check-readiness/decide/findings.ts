/** What is wrong with a matter, the worst first. Pure. */

import {
  hearersAmong,
  isMappingOff,
  isStopped,
  isTriggerOff,
  lackingAlarms,
  LONGEST_RETENTION_SECONDS,
  silenceOf,
  TOPICS,
} from '../../../shared/judgement/readiness.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type {
  Alarm,
  DeployedFunction,
  Facts,
  Mapping,
  Queue,
  ReadinessLimits,
  Rule,
  Schedule,
  Seen,
  Topic,
  Unread,
} from './facts.ts';

/** One thing that would not work. */
export interface Finding {
  readonly code: string;
  /** What it is about, by the name that a person knows it by. */
  readonly about: string;
  readonly text: string;
}

const DAY_SECONDS = 86_400;

function ofTopics(read: readonly Topic[], prefix: string): readonly Finding[] {
  return TOPICS.flatMap(({ topics, unheard }): Finding[] => {
    const about = `${prefix}-${topics[0]}`;
    const found = topics.flatMap((topic) => read.filter(({ name }) => name === `${prefix}-${topic}`));
    const hearers = hearersAmong(
      found.flatMap(({ subscribers }) => subscribers ?? []),
      prefix,
    );
    if (hearers.confirmed > 0) return [];
    if (found.some(({ name, subscribers }) => name === about && subscribers === null))
      return [{ code: 'topic-gone', about, text: `${unheard}: the topic is not there` }];
    // Of one that was not read nobody knows who hears.
    if (found.length < topics.length) return [];
    return [{ code: 'nobody-hears', about, text: `${unheard}: ${silenceOf(hearers)}` }];
  });
}

/** A heartbeat's alarm takes silence for a fault, so that it has no data only where CloudWatch does not evaluate it. */
function isBlind({ name, state, since }: Alarm, prefix: string, blindSeconds: number, now: string): boolean {
  if (!name.startsWith(`${prefix}-heartbeat`) || state !== 'INSUFFICIENT_DATA') return false;
  // Of what does not say since when it is so nobody knows that it is new.
  return since === '' || secondsSince(since, now) > blindSeconds;
}

function ofAlarms(alarms: readonly Alarm[], prefix: string, limits: ReadinessLimits, now: string): readonly Finding[] {
  const lacking = lackingAlarms(
    alarms.map(({ name }) => name),
    prefix,
  );
  const about = (those: readonly Alarm[], code: string, text: string): readonly Finding[] =>
    those.map(({ name }) => ({ code, about: name, text }));
  const muted = alarms.filter(({ isMuted }) => isMuted);
  const mute = alarms.filter(({ isMuted, actions }) => !isMuted && actions === 0);
  const blind = alarms.filter((one) => isBlind(one, prefix, limits.blindSeconds, now));
  return [
    ...lacking.map((name) => ({ code: 'alarm-gone', about: name, text: 'is not there' })),
    ...about(muted, 'alarm-muted', 'its actions are switched off: nobody hears when it rings'),
    ...about(mute, 'alarm-without-actions', 'it tells nobody when it rings'),
    ...about(blind, 'alarm-blind', 'has had no data for a day: whether its schedules tick is watched by nobody'),
  ];
}

function ofFunction({ name: about, isThere, reserved, state, update, why }: DeployedFunction): readonly Finding[] {
  if (!isThere) return [{ code: 'function-gone', about, text: 'is not there' }];
  const because = why === '' ? '' : ` (${why})`;
  const found: Finding[] = [];
  if (isStopped(reserved))
    found.push({ code: 'function-stopped', about, text: 'is stopped: its reserved concurrency is 0' });
  if (state === 'Failed' || state === 'Inactive')
    found.push({ code: 'function-failed', about, text: `cannot be started: it is ${state}${because}` });
  if (update === 'Failed')
    found.push({ code: 'update-failed', about, text: `is not what was deployed last: that update failed${because}` });
  return found;
}

function ofMapping({ source, functionName, state }: Mapping): readonly Finding[] {
  if (!isMappingOff(state)) return [];
  return [
    { code: 'mapping-off', about: source, text: `is not taken from: its mapping to ${functionName} is ${state}` },
  ];
}

function ofSchedule({ name: about, state }: Schedule): readonly Finding[] {
  if (state === null) return [{ code: 'schedule-gone', about, text: 'is not there: its runbook does not tick' }];
  return isTriggerOff(state) ? [{ code: 'schedule-off', about, text: 'is disabled: its runbook does not tick' }] : [];
}

function ofRules(rules: readonly Rule[], outcomes: string): readonly Finding[] {
  const off = rules.filter(({ state }) => isTriggerOff(state));
  const isHeard = outcomes === '' || rules.some(({ bus }) => bus === outcomes);
  return [
    ...(isHeard ? [] : [{ code: 'rule-gone', about: outcomes, text: 'has no rule: no outcome is told to anybody' }]),
    ...off.map(({ name, bus }) => ({
      code: 'rule-off',
      about: name,
      text: bus === outcomes ? 'is disabled: no outcome is told by it' : 'is disabled: its events start nothing',
    })),
  ];
}

function ofQueue({ name: about, isThere, letters, retentionSeconds }: Queue): readonly Finding[] {
  if (!isThere) return [{ code: 'queue-gone', about, text: 'is not there: what fails is lost' }];
  const found: Finding[] = [];
  if (retentionSeconds < LONGEST_RETENTION_SECONDS) {
    const days = Math.round((retentionSeconds / DAY_SECONDS) * 10) / 10;
    found.push({ code: 'queue-forgets', about, text: `forgets what is in it after ${days} of 14 days` });
  }
  if (letters > 0) {
    const held = letters === 1 ? '1 message that failed waits' : `${letters} messages that failed wait`;
    found.push({ code: 'letters-wait', about, text: `${held} in it for somebody to look` });
  }
  return found;
}

function judged(seen: Seen, prefix: string, limits: ReadinessLimits, now: string): readonly Finding[] {
  if (seen.matter === 'subscriptions') return ofTopics(seen.topics, prefix);
  if (seen.matter === 'alarms') return seen.alarms === null ? [] : ofAlarms(seen.alarms, prefix, limits, now);
  if (seen.matter === 'functions') return seen.functions.flatMap(ofFunction);
  if (seen.matter === 'mappings') return seen.mappings.flatMap(ofMapping);
  if (seen.matter === 'schedules') return seen.schedules.flatMap(ofSchedule);
  return seen.matter === 'rules' ? ofRules(seen.rules, seen.outcomes) : seen.queues.flatMap(ofQueue);
}

function ofUnread({ place, why }: Unread): Finding {
  return { code: 'unread', about: place, text: `could not be read, so that nobody knows: ${why}` };
}

/** All that is wrong; what could not be read is no less so, and comes last. */
export function findingsOf({ seen, prefix, unread }: Facts, limits: ReadinessLimits, now: string): readonly Finding[] {
  return [...judged(seen, prefix, limits, now), ...unread.map(ofUnread)];
}

/** How many things of the matter were looked at. */
export function countOf(seen: Seen): number {
  if (seen.matter === 'subscriptions') return seen.topics.length;
  if (seen.matter === 'alarms') return seen.alarms?.length ?? 0;
  if (seen.matter === 'functions') return seen.functions.length;
  if (seen.matter === 'mappings') return seen.mappings.length;
  if (seen.matter === 'schedules') return seen.schedules.length;
  return seen.matter === 'rules' ? seen.rules.length : seen.queues.length;
}
