/**
 * What to do about a security finding, before any of its addresses is looked at in the ledger.
 *
 * In this order: whether the finding is meant (sample, archived, suppressed); for each remote who went to whom (direction, then role),
 * whether it is one of AWS's own services, whether any layer of ours sees it, whether the address is one that can be blocked at all;
 * last, whether EC2 has dropped it already, and whether it is grave enough.
 *
 * Direction comes before role, since findings about outbound traffic say TARGET too (`Trojan:EC2/DropPoint`,
 * `Backdoor:EC2/Spambot`): by the role alone the victim of our own instance would pass for the attacker.
 */

import type { Finding, Remote } from '../../../shared/kernel/triggers/findings/finding.ts';

export interface FindingPolicy {
  /** A finding below this is left alone. GuardDuty's scale, 0 to 10. */
  readonly minSeverity: number;
  /** The one spelling of an address, in which equal ones are equal; `undefined` for text that is no address. */
  readonly canonical: (address: string) => string | undefined;
  /** What an address is reserved for (private, loopback, …), in words; `undefined` for an ordinary one. */
  readonly special: (address: string) => string | undefined;
}

/** Why not, in the order in which it is asked. Of several remotes the one that came furthest says it for the finding. */
const REASONS = [
  'sample',
  'archived',
  'suppressed',
  'no-address',
  'dns-request',
  'outbound',
  'unknown-direction',
  'actor',
  'aws-service',
  'no-layer-sees-it',
  'not-an-address',
  'private-remote',
  'own-address',
  'already-blocked',
  'no-severity',
  'low-severity',
] as const;

type FindingCode = (typeof REASONS)[number];

/** Left to a person, for something goes on that blocking an address does not end. The others are no news. */
const FOR_A_PERSON: readonly FindingCode[] = [
  'dns-request',
  'outbound',
  'unknown-direction',
  'actor',
  'no-layer-sees-it',
  'not-an-address',
  'private-remote',
  'own-address',
  'no-severity',
];

interface Why {
  readonly code: FindingCode;
  readonly because: string;
}

/** An address of the finding that is not blocked. */
interface PassedOver extends Why {
  /** As written. */
  readonly address: string;
}

export type FindingVerdict =
  | {
      readonly kind: 'block';
      /** Canonical, each once, with the path where the finding names it. At least one. */
      readonly remotes: readonly { readonly address: string; readonly where: string }[];
      readonly because: string;
      readonly passedOver: readonly PassedOver[];
    }
  | {
      readonly kind: 'not';
      readonly code: FindingCode;
      readonly because: string;
      readonly passedOver: readonly PassedOver[];
      /** Somebody should look at it. */
      readonly attention: boolean;
    };

/** Judges one finding. Pure, and never throws: a finding that can be read has a verdict. */
export function judgeFinding(finding: Finding, policy: FindingPolicy): FindingVerdict {
  const unmeant = whyUnmeant(finding) ?? (finding.remotes.length === 0 ? whyNobody(finding) : undefined);
  if (unmeant !== undefined) return not(unmeant, []);
  const own = new Set(finding.own.map((address) => policy.canonical(address) ?? address));
  const passedOver: PassedOver[] = [];
  const kept = new Map<string, string>();
  for (const remote of finding.remotes) {
    const address = policy.canonical(remote.address);
    const why = whyUnseen(remote, finding) ?? whyUnfit(remote.address, address, own, policy);
    if (why !== undefined) passedOver.push({ address: remote.address, ...why });
    else if (address !== undefined && !kept.has(address)) kept.set(address, remote.where);
  }
  const furthest = passedOver.toSorted((one, other) => rank(other) - rank(one))[0];
  if (kept.size === 0 && furthest !== undefined) return not(furthest, passedOver);
  const slight = whySlight(finding, policy.minSeverity);
  if (slight !== undefined)
    return not(slight, [...passedOver, ...[...kept.keys()].map((address) => ({ address, ...slight }))]);
  const remotes = [...kept].map(([address, where]) => ({ address, where }));
  return { kind: 'block', remotes, because: becauseOf(finding), passedOver };
}

function not({ code, because }: Why, passedOver: readonly PassedOver[]): FindingVerdict {
  return { kind: 'not', code, because, passedOver, attention: FOR_A_PERSON.includes(code) };
}

function rank({ code }: Why): number {
  return REASONS.indexOf(code);
}

function whyUnmeant(finding: Finding): Why | undefined {
  if (finding.isSample) return { code: 'sample', because: 'it is a sample finding' };
  if (finding.isArchived) return { code: 'archived', because: 'it is archived, resolved or deleted' };
  if (finding.isSuppressed) return { code: 'suppressed', because: 'somebody has suppressed it' };
  return undefined;
}

/** Of a finding that names no other side. */
function whyNobody({ action, role, awsService }: Finding): Why {
  if (awsService !== null) return { code: 'aws-service', because: `the call was made by ${awsService}` };
  if (action === 'AWS_API_CALL' || action === 'KUBERNETES_API_CALL') return UNSEEN;
  if (action === 'DNS_REQUEST')
    return { code: 'dns-request', because: 'our own resource asked for a name; there is no address to block' };
  if (role === 'ACTOR') return ACTOR;
  return { code: 'no-address', because: `the finding names no remote address (action ${action})` };
}

const UNSEEN: Why = {
  code: 'no-layer-sees-it',
  because:
    'the caller of an API of AWS or of a Kubernetes control plane passes no web ACL, network ACL or security group of ours',
};

const ACTOR: Why = {
  code: 'actor',
  because: 'our own resource is the actor: the remote is its victim or its commander, and does not come in',
};

/** What of a remote no block of incoming traffic would reach. */
function whyUnseen({ direction, isAwsService, isApiCaller }: Remote, { role, awsService }: Finding): Why | undefined {
  if (direction === 'OUTBOUND')
    return { code: 'outbound', because: 'our own resource went there; blocking what comes in does not end that' };
  if (direction === 'UNKNOWN')
    return {
      code: 'unknown-direction',
      because: 'the finding does not say who went to whom: it may be a victim of ours',
    };
  if (role === 'ACTOR') return ACTOR;
  if (isAwsService) return { code: 'aws-service', because: `the call was made by ${awsService ?? 'an AWS service'}` };
  return isApiCaller ? UNSEEN : undefined;
}

/** Why an address is none to block, whatever came from it. */
function whyUnfit(
  written: string,
  address: string | undefined,
  own: ReadonlySet<string>,
  { special }: FindingPolicy,
): Why | undefined {
  if (address === undefined) return { code: 'not-an-address', because: `${JSON.stringify(written)} is not an address` };
  const use = special(address);
  if (use !== undefined) return { code: 'private-remote', because: `${address} is not of the internet: ${use}` };
  if (own.has(address)) return { code: 'own-address', because: `${address} is an address of the resource itself` };
  return undefined;
}

function whySlight({ isBlockedAlready, severity }: Finding, minSeverity: number): Why | undefined {
  if (isBlockedAlready) return { code: 'already-blocked', because: 'EC2 has blocked the attempt' };
  if (severity === null) return { code: 'no-severity', because: 'the finding does not say how grave it is' };
  if (severity < minSeverity)
    return { code: 'low-severity', because: `its severity ${severity} is below ${minSeverity}` };
  return undefined;
}

function becauseOf({ type, severity, resource, action }: Finding): string {
  const about = `${type}, severity ${severity ?? 'unknown'}, against ${resource ?? 'a resource that it does not name'}`;
  // A web ACL reads HTTP; nobody logs in to a database through it.
  return action === 'RDS_LOGIN_ATTEMPT' ? `${about}; network ACLs see it, web ACLs do not` : about;
}
