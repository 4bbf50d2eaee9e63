/**
 * Permissions that no command of ours asks for by name, but that something a function does cannot go without.
 * `tidy.test.ts` allows a role exactly these beside the commands its code sends.
 */

/** What of a function brings the permission with it. */
interface Traits {
  /** IAM actions of the commands its code sends, e.g. `ec2:AssociateAddress`. */
  readonly commands: ReadonlySet<string>;
  readonly host: 'plain' | 'durable';
  /** It names `destinations.onFailure` or `onError`. */
  readonly buriesFailures: boolean;
  /** It is started by the stream of the data ledger. */
  readonly hearsOfData: boolean;
  /** A queue of requests starts it. */
  readonly isFedByQueue: boolean;
}

/** A dependent permission. */
export interface Dependent {
  readonly actions: readonly string[];
  readonly when: (traits: Traits) => boolean;
  readonly because: string;
  /** Page that says so. */
  readonly source: string;
}

/** What Lambda reads a stream with. */
export const STREAM_ACTIONS: readonly string[] = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
];

/** What Lambda takes messages out of a queue with. */
export const QUEUE_ACTIONS: readonly string[] = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

export const DEPENDENTS: readonly Dependent[] = [
  {
    actions: QUEUE_ACTIONS,
    when: ({ isFedByQueue }) => isFedByQueue,
    because: 'Lambda polls the queue of an event source mapping with the role of the function',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html',
  },
  {
    actions: STREAM_ACTIONS,
    when: ({ hearsOfData }) => hearsOfData,
    because: 'Lambda reads the stream of an event source mapping with the role of the function',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/services-ddb.html',
  },
  {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    when: () => true,
    because:
      'Lambda writes the log with the role of the function; the log group itself is made by the stack, so CreateLogGroup is not needed',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html',
  },
  {
    actions: ['sqs:SendMessage'],
    when: ({ buriesFailures }) => buriesFailures,
    because:
      'Lambda sends a failed event to the on-failure destination or dead-letter queue with the role of the function',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html',
  },
  {
    actions: ['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState'],
    when: ({ host }) => host === 'durable',
    because: 'the durable SDK reads and writes the checkpoints of the execution with the role of the function',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/durable-security.html',
  },
  {
    actions: [
      'kms:CreateGrant',
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    ],
    when: ({ commands }) => commands.has('ec2:CreateVolume'),
    because:
      'EBS uses the KMS key of an encrypted volume or snapshot with the permissions of whoever creates or attaches it',
    source: 'https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html',
  },
  {
    actions: ['ec2:CreateTags'],
    when: ({ commands }) => commands.has('ec2:RunInstances'),
    because: 'EC2 tags what a launch creates with the permissions of whoever launches it',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html',
  },
  {
    actions: ['iam:PassRole'],
    when: ({ commands }) => commands.has('ec2:RunInstances'),
    because: 'the role of an instance profile is handed over by whoever launches with it',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html',
  },
  {
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    when: ({ commands }) => commands.has('sqs:SendMessage'),
    because:
      'SQS uses the KMS key of an encrypted queue with the permissions of whoever sends to it or receives from it',
    source:
      'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#sqs-what-permissions-for-sse',
  },
  {
    actions: [
      'apprunner:ListAssociatedServicesForWebAcl',
      'cognito-idp:ListResourcesForWebACL',
      'ec2:DescribeVerifiedAccessInstanceWebAclAssociations',
    ],
    when: ({ commands }) => commands.has('wafv2:ListResourcesForWebACL'),
    because:
      'WAF asks the services whose resources a web ACL may be attached to with the permissions of whoever asks it',
    source: 'https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html',
  },
  {
    actions: ['wafv2:GetWebACL'],
    when: ({ commands }) => commands.has('cloudfront:UpdateDistribution'),
    because:
      'CloudFront verifies read permissions on the web ACL that a configuration names, of whoever sends it; without them InvalidWebACLId',
    source: 'https://github.com/aws/aws-sdk-java/issues/2901',
  },
];

/** What the role of an EventBridge schedule needs, and nothing else. */
export const SCHEDULE_ACTIONS: readonly string[] = ['lambda:InvokeFunction', 'sqs:SendMessage'];
