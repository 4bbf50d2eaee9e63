/**
 * OCSF detection findings, as Security Hub emits them. Sources: Security Hub user guide, "OCSF findings"; OCSF schema 1.5,
 * `detection_finding`, `evidences`. No address is taken from `observables`: they have no direction.
 */

import type { Field } from '../reader.ts';
import type { Direction, Finding, Remote } from './finding.ts';
import { API_CALLS, directionOf, isSequenceOfCalls, roleOf } from './guardduty.ts';
import * as members from './members.ts';

const { member, membersOf, textOf } = members;

/**
 * `severity_id` on GuardDuty's scale, as for ASFF's labels: informational, low, medium, high, critical, fatal. 0 (unknown) and 99
 * (other) say nothing.
 */
const SEVERITIES = new Map([
  [1, 0],
  [2, 2],
  [3, 5],
  [4, 8],
  [5, 9],
  [6, 10],
]);

/** `status_id`: 3 suppressed; 4 resolved, 5 archived, 6 deleted. */
const SUPPRESSED = 3;
const SETTLED = [4, 5, 6];
const SETTLED_WORDS = ['Resolved', 'Archived', 'Deleted'];

/** `connection_info.direction_id`. */
const DIRECTIONS = new Map<number | null, Direction>([
  [1, 'INBOUND'],
  [2, 'OUTBOUND'],
]);

/** One finding. @throws BadInputError with the path of what cannot be read. */
export function readOcsf(root: Field): Finding {
  const info = member(root, 'finding_info');
  const evidences = membersOf(root, 'evidences');
  const type = membersOf(info, 'types')[0]?.text(512) ?? 'UNKNOWN';
  const action = actionOf(evidences, type);
  const sides = evidences.map((evidence) => sidesOf(evidence, action, type));
  const [status, statusId] = [textOf(root, 'status') ?? '', members.numberOf(root, 'status_id')];
  const data = [member(root, 'unmapped'), ...evidences.map((evidence) => member(evidence, 'data'))];
  const roles = data.map((bag) => roleOf(said(bag, 'resource_role')));
  return {
    form: 'ocsf',
    id: idOf(root, info),
    updatedAt: updatedAtOf(root, info),
    type,
    severity: severityOf(root),
    count: members.numberOf(root, 'count'),
    isSample: members.isTitledSample(info, 'title') || data.some((bag) => said(bag, 'sample') === 'true'),
    isArchived: SETTLED_WORDS.includes(status) || SETTLED.includes(statusId ?? 0),
    isSuppressed: status === 'Suppressed' || statusId === SUPPRESSED,
    isBlockedAlready: evidences.length > 0 && data.slice(1).every((bag) => said(bag, 'blocked') === 'true'),
    action,
    role: roles.find((role) => role === 'ACTOR') ?? roles.find((role) => role !== null) ?? null,
    awsService: textOf(evidences[0], 'actor', 'invoked_by') ?? null,
    remotes: members.eachOnce(sides.flatMap(({ remotes }) => remotes)),
    own: [
      ...new Set([
        ...members.addressesBelow(member(root, 'resources')?.value),
        ...sides.flatMap(({ own }) => own.map(({ address }) => address)),
      ]),
    ],
    resource: members.resourceIn(textOf(membersOf(root, 'resources')[0], 'uid')),
  };
}

/** A member of what OCSF leaves to the vendor, as text: of no agreed form, so nothing there is malformed. */
function said(bag: Field | undefined, key: string): string | undefined {
  const value = bag?.peek(key);
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined;
}

function idOf(root: Field, info: Field | undefined): string {
  const id = textOf(info, 'uid') ?? textOf(root, 'metadata', 'uid');
  return id === undefined ? root.get('finding_info').fail('the id of a finding in uid') : members.findingIdIn(id);
}

/** The times with `_dt` are text; those without are epoch milliseconds. */
function updatedAtOf(root: Field, info: Field | undefined): string | null {
  const written = members.timeOf(info, 'modified_time_dt') ?? members.timeOf(root, 'time_dt');
  if (written !== undefined) return written;
  const field = member(info, 'modified_time') ?? member(root, 'time');
  if (field === undefined) return null;
  const time = new Date(typeof field.value === 'number' ? field.value : Number.NaN);
  return Number.isNaN(time.getTime()) ? field.fail('a time in milliseconds') : time.toISOString();
}

/** The vendor's own before Security Hub's, which people and rules change. */
function severityOf(root: Field): number | null {
  const own = members.numberOf(member(root, 'vendor_attributes'), 'severity_id');
  return SEVERITIES.get(own ?? members.numberOf(root, 'severity_id') ?? 0) ?? null;
}

/** OCSF has no action types: they follow from the type of finding and from what the evidence describes. */
function actionOf(evidences: readonly Field[], type: string): string {
  if (type.startsWith('AttackSequence:')) return 'ATTACK_SEQUENCE';
  if (type.includes(':RDS/')) return 'RDS_LOGIN_ATTEMPT';
  if (type.includes('/PortProbe')) return 'PORT_PROBE';
  const has = (key: string): boolean => evidences.some((evidence) => member(evidence, key) !== undefined);
  if (type.includes(':Kubernetes/')) return 'KUBERNETES_API_CALL';
  if (has('api')) return 'AWS_API_CALL';
  if (has('query')) return 'DNS_REQUEST';
  return has('connection_info') || has('src_endpoint') ? 'NETWORK_CONNECTION' : 'UNKNOWN';
}

interface Sides {
  readonly remotes: readonly Remote[];
  readonly own: readonly { readonly address: string }[];
}

/** Which end of a piece of evidence is the other side: who came to us, or whom we went to. */
function sidesOf(evidence: Field, action: string, type: string): Sides {
  const connection = member(evidence, 'connection_info');
  const callsByKind = API_CALLS.includes(action) || isSequenceOfCalls(type);
  const isApiCaller = callsByKind || member(evidence, 'api') !== undefined;
  const written = DIRECTIONS.get(members.numberOf(connection, 'direction_id'));
  const comesIn = isApiCaller || action === 'PORT_PROBE' || action === 'RDS_LOGIN_ATTEMPT';
  const direction = written ?? (comesIn ? 'INBOUND' : directionOf(textOf(connection, 'direction')));
  const ends = ['src_endpoint', 'dst_endpoint'].map((end) => members.addressOf(member(evidence, end, 'ip')));
  const [theirs = [], ours = []] = direction === 'OUTBOUND' ? ends.toReversed() : ends;
  const isAwsService = textOf(evidence, 'actor', 'invoked_by') !== undefined;
  return {
    remotes: theirs.map((one) => ({ ...one, direction, isAwsService, isApiCaller })),
    // Without a direction nobody knows which end is ours.
    own: direction === 'UNKNOWN' ? [] : ours,
  };
}
