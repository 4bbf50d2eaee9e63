/** What starts a run, reduced to what is asked. What a person writes as an address is parsed here, and refused with what is wrong. */

import { listIncident } from '../../../shared/judgement/blocklist/list-rows.ts';
import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { MetricAlarmDelivery } from '../../../shared/kernel/triggers/alarm-metrics.ts';
import type { FindingDelivery } from '../../../shared/kernel/triggers/finding.ts';
import type { ObjectCreatedDelivery } from '../../../shared/kernel/triggers/object-created.ts';
import type { RequestDelivery } from '../../../shared/kernel/triggers/request.ts';
import type { Wish } from '../decide.ts';

/** What started the run, as JSON. */
export type Request = {
  /** At least one. Findings come several at once. */
  readonly asks: readonly Wish[];
  readonly by: string;
  readonly why: string;
  readonly delivery: string;
  readonly sentAt: string | null;
};

/** The params of a person's request. */
interface PersonParams {
  readonly action: 'block' | 'unblock' | 'extend' | 'allow' | 'share';
  readonly address?: string | undefined;
  readonly cidr?: string | undefined;
  readonly forwardedFor?: string | undefined;
  readonly incident?: string | undefined;
  readonly list?: string | undefined;
  readonly ttlSeconds?: number | undefined;
}

/** The request that each way of starting comes to. */
export const requestOf = {
  schedule: ofSchedule,
  finding: ofFinding,
  alarm: ofAlarm,
  object: ofObject,
  person: ofPerson,
};

function ofSchedule(): Request {
  return { asks: [{ action: 'read-never-block' }], by: 'schedule', why: '', delivery: '', sentAt: null };
}

/** What nobody signs is somebody's all the same. */
const SOMEBODY = 'somebody';

/** Who tells of findings in each form. */
const TELLERS = { guardduty: 'GuardDuty', asff: 'Security Hub CSPM', ocsf: 'Security Hub' } as const;

function ofFinding({ id, at, form, findings, customAction }: FindingDelivery): Request {
  const isChosen = customAction !== undefined;
  const chosen = isChosen && at !== undefined ? { chosenAt: at } : {};
  return {
    asks: findings.map((finding) => ({ action: 'heed', finding, ...chosen })),
    by: isChosen ? `${SOMEBODY} (${customAction}, ${TELLERS[form]})` : TELLERS[form],
    why: '',
    delivery: id,
    sentAt: at ?? null,
  };
}

/** Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html (namespace). */
const WAF_METRICS = 'AWS/WAFV2';

/** An alarm that watches what WAF counts, and rings. Every other alarm is somebody else's: of instances, of the runbooks themselves. */
function ofAlarm({ id, at, alarmName, state, metrics }: MetricAlarmDelivery): Request | undefined {
  if (state !== 'ALARM' || !metrics.some(({ namespace }) => namespace === WAF_METRICS)) return undefined;
  return {
    asks: [{ action: 'heed-alarm', alarm: alarmName, at: at ?? null, metrics }],
    by: 'CloudWatch',
    why: '',
    delivery: id,
    sentAt: at ?? null,
  };
}

/** An object in the bucket of lists. */
function ofObject(delivery: ObjectCreatedDelivery): Request {
  const { id, at, bucket, key, versionId, etag, sequencer, sizeBytes } = delivery;
  const object = { bucket, key, versionId, etag, sequencer, sizeBytes };
  return { asks: [{ action: 'take-in', object }], by: 'S3', why: '', delivery: id, sentAt: at ?? null };
}

function ofPerson(params: PersonParams, { id, at, reason, requestedBy, target }: RequestDelivery): Request {
  if (target !== undefined)
    throw new BadInputError(
      'target',
      'a network is named by params.address or params.cidr, an incident by params.incident',
    );
  const asked = { by: requestedBy ?? SOMEBODY, why: reason ?? '', delivery: id, sentAt: at ?? null };
  const { action, incident = null, list, ttlSeconds = null, forwardedFor } = params;
  if (forwardedFor !== undefined)
    return { asks: [{ action: blockOf(params), forwardedFor, incident, ttlSeconds }], ...asked };
  const wholeList = list === undefined ? listOfIncident(incident) : listIn(params, list);
  if (wholeList !== undefined && params.cidr === undefined && params.address === undefined)
    return { asks: [{ action, list: wholeList, ttlSeconds }], ...asked };
  const network = networkOf(params);
  const isNamed = network !== null || (incident !== null && (action === 'unblock' || action === 'extend'));
  if (!isNamed) throw new BadInputError('params.address', `say what to ${action}: an address or a cidr`);
  return {
    asks: [
      {
        action,
        cidr: network?.cidr ?? null,
        hadHostBits: network?.hadHostBits ?? false,
        incident,
        ttlSeconds,
      },
    ],
    ...asked,
  };
}

/** What a list has blocked is blocked for an incident of its name. */
function listOfIncident(incident: string | null): string | undefined {
  const before = listIncident('');
  return incident?.startsWith(before) === true ? incident.slice(before.length) : undefined;
}

function listIn({ address, cidr, incident }: PersonParams, list: string): string {
  if (address === undefined && cidr === undefined && incident === undefined) return list;
  throw new BadInputError('params.list', 'give either a list, or an address, a cidr or an incident');
}

/** A header says whom to block, and nothing else: by the next reading of what is ours it may name somebody else. */
function blockOf({ action, address, cidr, list }: PersonParams): 'block' {
  if (action !== 'block')
    throw new BadInputError(
      'params.forwardedFor',
      `a header names whom to block; say what to ${action} as address or cidr`,
    );
  if (address === undefined && cidr === undefined && list === undefined) return action;
  throw new BadInputError('params.forwardedFor', 'give either forwardedFor, or an address, a cidr or a list');
}

function networkOf({ address, cidr }: PersonParams): { readonly cidr: string; readonly hadHostBits: boolean } | null {
  if (address !== undefined && cidr !== undefined)
    throw new BadInputError('params.cidr', 'give either address or cidr, not both');
  if (address?.includes('/') === true)
    throw new BadInputError('params.address', 'expected one address, found a network; give it as cidr');
  const text = address ?? cidr;
  if (text === undefined) return null;
  const parsed = parseNetwork(text);
  const path = address === undefined ? 'params.cidr' : 'params.address';
  if (isMalformed(parsed)) throw new BadInputError(path, parsed.says);
  return parsed;
}
