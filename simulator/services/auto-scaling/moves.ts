/**
 * The ways of an instance between EC2, its group and the group's warm pool, and what Auto Scaling calls them.
 *
 * Sources: user guide, "Amazon EC2 Auto Scaling event reference" and "Warm pool example events and patterns" for origin and
 * destination; the descriptions of the ways into and out of a warm pool are those that AWS's own samples show
 * (github.com/aws-samples/amazon-ec2-auto-scaling-group-examples, features/warm-pools).
 */

/** The half of an instance's life that a way belongs to: its hooks are those of that transition. */
type Kind = 'Launch' | 'Terminate';

interface Way {
  readonly kind: Kind;
  readonly origin: 'EC2' | 'AutoScalingGroup' | 'WarmPool';
  readonly destination: 'EC2' | 'AutoScalingGroup' | 'WarmPool';
  /** How the description of its activity begins; the id of the instance follows. */
  readonly words: string;
  /** How its activity begins, unless in progress. */
  readonly begins?: { readonly StatusCode: string; readonly Progress: number };
  /** No event tells of its end: the event reference has none. */
  readonly isSilent?: true;
}

export type Move = 'launch' | 'warm' | 'draw' | 'terminate' | 'return' | 'discard' | 'standby' | 'rejoin' | 'detach';

export const MOVES: { readonly [M in Move]: Way } = {
  launch: { kind: 'Launch', origin: 'EC2', destination: 'AutoScalingGroup', words: 'Launching a new EC2 instance' },
  warm: {
    kind: 'Launch',
    origin: 'EC2',
    destination: 'WarmPool',
    words: 'Launching a new EC2 instance into warm pool',
  },
  draw: {
    kind: 'Launch',
    origin: 'WarmPool',
    destination: 'AutoScalingGroup',
    words: 'Launching a new EC2 instance from warm pool',
  },
  terminate: { kind: 'Terminate', origin: 'AutoScalingGroup', destination: 'EC2', words: 'Terminating EC2 instance' },
  // How AWS words the two below is not documented.
  return: { kind: 'Terminate', origin: 'AutoScalingGroup', destination: 'WarmPool', words: 'Terminating EC2 instance' },
  discard: { kind: 'Terminate', origin: 'WarmPool', destination: 'EC2', words: 'Terminating EC2 instance' },
  // Source of the words and of the beginning: the AWS CLI's examples of enter-standby, exit-standby and detach-instances.
  standby: {
    kind: 'Terminate',
    origin: 'AutoScalingGroup',
    destination: 'AutoScalingGroup',
    words: 'Moving EC2 instance to Standby',
    isSilent: true,
  },
  rejoin: {
    kind: 'Launch',
    origin: 'AutoScalingGroup',
    destination: 'AutoScalingGroup',
    words: 'Moving EC2 instance out of Standby',
    begins: { StatusCode: 'PreInService', Progress: 30 },
    isSilent: true,
  },
  detach: {
    kind: 'Terminate',
    origin: 'AutoScalingGroup',
    destination: 'EC2',
    words: 'Detaching EC2 instance',
    isSilent: true,
  },
};

/** Names of the moves, for the schema of what a run leaves behind. */
export const MOVE_NAMES = [
  'launch',
  'warm',
  'draw',
  'terminate',
  'return',
  'discard',
  'standby',
  'rejoin',
  'detach',
] as const satisfies readonly Move[];
