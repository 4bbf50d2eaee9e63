/** What a security finding says, whichever service and spelling it came in. */

/** `guardduty`: EventBridge's or the SDK's; `asff`: Security Hub CSPM's format; `ocsf`: Security Hub's. */
export type FindingForm = 'guardduty' | 'asff' | 'ocsf';

/** Who began the connection: `INBOUND` is the remote. `UNKNOWN` where the finding does not say, or says something else. */
export type Direction = 'INBOUND' | 'OUTBOUND' | 'UNKNOWN';

/** An address that a finding names as the other side. */
export type Remote = {
  /** As written: not yet known to be an address. */
  readonly address: string;
  readonly direction: Direction;
  /** An AWS service made the call, on somebody's behalf. */
  readonly isAwsService: boolean;
  /** It called an API of AWS or of a Kubernetes control plane: the traffic passed through no network of ours. */
  readonly isApiCaller: boolean;
  /** Path of the member in the document. ASFF's flattened product fields are a tree below `ProductFields["aws/guardduty"]`. */
  readonly where: string;
};

export type Finding = {
  readonly form: FindingForm;
  /**
   * The last part of GuardDuty's ARN, else the id as it stands: the same for repeats, in every form, and for the copies of the
   * administrator's and of the member's account.
   */
  readonly id: string;
  /** ISO 8601 with milliseconds. */
  readonly updatedAt: string | null;
  /** In GuardDuty's spelling: `UnauthorizedAccess:EC2/SSHBruteForce`. */
  readonly type: string;
  /** GuardDuty's scale, 0 to 10. */
  readonly severity: number | null;
  /** How often it was seen. */
  readonly count: number | null;
  readonly isSample: boolean;
  /** Archived, resolved or deleted: settled by a person or a rule. */
  readonly isArchived: boolean;
  readonly isSuppressed: boolean;
  /** EC2 has blocked the attempt. */
  readonly isBlockedAlready: boolean;
  /** GuardDuty's `actionType`, as written when it is not known here; `ATTACK_SEQUENCE`; `UNKNOWN` where there is none. */
  readonly action: string;
  /** What our resource was in it. */
  readonly role: 'TARGET' | 'ACTOR' | null;
  /** Domain of the AWS service that made the call: `ec2.amazonaws.com`. */
  readonly awsService: string | null;
  readonly remotes: readonly Remote[];
  /** Addresses of our own side that it names, as written, public ones too. */
  readonly own: readonly string[];
  /** Instance id, ARN or name of the resource concerned; the first of several. */
  readonly resource: string | null;
};

/** One finding of several that cannot be read. */
export type UnreadFinding = {
  readonly form: FindingForm;
  readonly id?: string;
  /** What is wrong with it, in one line. */
  readonly problem: string;
  /** Path of the finding in the document. */
  readonly where: string;
};
