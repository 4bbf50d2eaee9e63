/**
 * The AWS Security Finding Format of Security Hub CSPM. Its `Action` knows neither IPv6 nor Kubernetes nor databases; what else
 * GuardDuty said stands flattened in `ProductFields`. Source: Security Hub API reference, `AwsSecurityFinding`.
 */

import { Field, memberPath } from '../reader.ts';
import type { Finding } from './finding.ts';
import { directionOf, readAction, readService } from './guardduty.ts';
import * as members from './members.ts';

const { member, membersOf, textOf } = members;

/** Before each product field of GuardDuty: `aws/guardduty/service/action/actionType`. */
const PREFIX = 'aws/guardduty/';

/** The deepest that is read has six: `service/action/portProbeAction/portProbeDetails.0_/remoteIpDetails/ipAddressV4`. */
const MAX_STEPS = 12;

/** A member of a list is written `portProbeDetails.0_`. */
const LISTED = /^(.+)\.\d+_$/u;

/**
 * `Severity.Label` on GuardDuty's scale: the whole number in the middle of GuardDuty's class (low 1 to 3.9, medium 4 to 6.9, high 7
 * to 8.9, critical 9 and 10; GuardDuty user guide, "Severity levels").
 */
const LABELS = new Map([
  ['INFORMATIONAL', 0],
  ['LOW', 2],
  ['MEDIUM', 5],
  ['HIGH', 8],
  ['CRITICAL', 9],
]);

/** One finding. @throws BadInputError with the path of what cannot be read. */
export function readAsff(root: Field): Finding {
  const type = typeOf(root);
  const acted = readAction(member(root, 'Action'));
  const service = readService(guardDutyFields(root), type);
  const network = readNetwork(member(root, 'Network'));
  const resources = member(root, 'Resources');
  const workflow = textOf(root, 'Workflow', 'Status');
  return {
    form: 'asff',
    id: members.findingIdIn(textOf(root, 'Id') ?? root.get('Id').fail('the id of a finding')),
    updatedAt: members.timeOf(root, 'UpdatedAt') ?? null,
    type,
    severity: severityOf(member(root, 'Severity')),
    count: service.count,
    isSample: service.isSample || members.isTrue(root, 'Sample') || members.isTitledSample(root, 'Title'),
    isArchived: service.isArchived || textOf(root, 'RecordState') === 'ARCHIVED' || workflow === 'RESOLVED',
    isSuppressed: workflow === 'SUPPRESSED',
    isBlockedAlready: acted.isBlockedAlready || service.isBlockedAlready,
    action: [acted.action, service.action, network.action].find((action) => action !== 'UNKNOWN') ?? 'UNKNOWN',
    role: service.role,
    awsService: acted.awsService ?? service.awsService,
    remotes: members.eachOnce([...acted.remotes, ...service.remotes, ...network.remotes]),
    own: [...new Set([...members.addressesBelow(resources?.value), ...acted.own, ...service.own, ...network.own])],
    resource: members.resourceIn(textOf(membersOf(root, 'Resources')[0], 'Id')),
  };
}

/** What products other than GuardDuty say of a connection: whence and whither, and who began it. */
function readNetwork(network: Field | undefined): Pick<Finding, 'action' | 'remotes' | 'own'> {
  const direction = directionOf(textOf(network, 'Direction'));
  const side = (name: string): readonly members.Written[] =>
    [`${name}IpV4`, `${name}IpV6`].flatMap((key) => members.addressOf(member(network, key)));
  const [source, destination] = [side('Source'), side('Destination')];
  // Of a connection that nobody knows who began, neither side is known to be ours.
  const theirs = { INBOUND: source, OUTBOUND: destination, UNKNOWN: [...source, ...destination] }[direction];
  const ours = { INBOUND: destination, OUTBOUND: source, UNKNOWN: [] }[direction];
  return {
    action: theirs.length === 0 ? 'UNKNOWN' : 'NETWORK_CONNECTION',
    remotes: theirs.map((one) => ({ ...one, direction, isAwsService: false, isApiCaller: false })),
    own: ours.map(({ address }) => address),
  };
}

/** `TTPs/Initial Access/UnauthorizedAccess:EC2-SSHBruteForce` is GuardDuty's `UnauthorizedAccess:EC2/SSHBruteForce`. */
function typeOf(root: Field): string {
  const [first] = membersOf(root, 'Types');
  const last = first?.text(512).split('/').at(-1) ?? 'UNKNOWN';
  return last.replace(/^(\w+:\w+)-/u, '$1/');
}

/**
 * On GuardDuty's scale: `Product` or `Original`, which are the product's own value; else `Normalized` (0 to 100, the same classes
 * tenfold), else the label.
 */
function severityOf(severity: Field | undefined): number | null {
  const original = Number(textOf(severity, 'Original') ?? Number.NaN);
  const own = members.numberOf(severity, 'Product') ?? (Number.isNaN(original) ? null : original);
  if (own !== null && own >= 0 && own <= 10) return own;
  const normalized = members.numberOf(severity, 'Normalized');
  return normalized === null ? (LABELS.get(textOf(severity, 'Label') ?? '') ?? null) : normalized / 10;
}

/** GuardDuty's `service`, put together again from its product fields; `undefined` where there are none. */
function guardDutyFields(root: Field): Field | undefined {
  const fields = member(root, 'ProductFields');
  const flat = (fields?.keys() ?? []).filter((key) => key.startsWith(`${PREFIX}service/`));
  const entries = flat.map((key): Flat => [key.slice(PREFIX.length).split('/'), fields?.peek(key)]);
  const read = entries.filter(([steps]) => steps.length <= MAX_STEPS);
  if (fields === undefined || read.length === 0) return undefined;
  return member(new Field(treeOf(read), memberPath(fields.path, PREFIX.slice(0, -1))), 'service');
}

/** A product field: the way to it, and its value. */
type Flat = readonly [readonly string[], unknown];

/** A field may be a value and have members too (`unusual`, `unusual/countries.0_`): then the members count. */
function treeOf(entries: readonly Flat[]): unknown {
  const below = new Map<string, Flat[]>();
  for (const [[step, ...rest], value] of entries) {
    if (step === undefined) continue;
    const inner = below.get(step) ?? [];
    inner.push([rest, value]);
    below.set(step, inner);
  }
  if (below.size === 0) return entries[0]?.[1];
  const tree = new Map<string, unknown>();
  const lists = new Map<string, unknown[]>();
  for (const [step, inner] of below) {
    const list = LISTED.exec(step)?.[1];
    if (list === undefined) tree.set(step, treeOf(inner));
    else lists.set(list, [...(lists.get(list) ?? []), treeOf(inner)]);
  }
  return Object.fromEntries([...tree, ...lists]);
}
