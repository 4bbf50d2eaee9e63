/** Where AWS's console shows a target and a function's log. Pure. */

import { arnParts } from '../../../shared/aws/arn.ts';

/** Domains of the console by partition. Source: AWS General Reference and the guides of GovCloud (US) and China. */
const CONSOLES: ReadonlyMap<string, string> = new Map([
  ['aws', 'console.aws.amazon.com'],
  ['aws-us-gov', 'console.amazonaws-us-gov.com'],
  ['aws-cn', 'console.amazonaws.cn'],
]);

/** `eu-west-1`, `us-gov-east-1`: a target comes from a record, and its Region becomes the name of a host. */
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/u;

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The console of a Region; of a partition that is not known here none. */
function consoleOf(partition: string, region: string): string | undefined {
  const domain = CONSOLES.get(partition);
  return domain === undefined || !REGION.test(region) ? undefined : `https://${region}.${domain}`;
}

type Page = (
  name: string,
  parts: { readonly region: string; readonly account: string; readonly arn: string },
) => string;

/** Half of a character is in no address. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Pages by service and kind of resource. */
const PAGES: ReadonlyMap<string, Page> = new Map<string, Page>(
  Object.entries({
    'ec2 elastic-ip': (id, { region }) => `/ec2/home?region=${region}#ElasticIpDetails:AllocationId=${encoded(id)}`,
    'ec2 instance': (id, { region }) => `/ec2/home?region=${region}#InstanceDetails:instanceId=${encoded(id)}`,
    'ec2 security-group': (id, { region }) => `/ec2/home?region=${region}#SecurityGroup:groupId=${encoded(id)}`,
    'ec2 launch-template': (id, { region }) =>
      `/ec2/home?region=${region}#LaunchTemplateDetails:launchTemplateId=${encoded(id)}`,
    'ec2 network-acl': (id, { region }) =>
      `/vpcconsole/home?region=${region}#NetworkAclDetails:networkAclId=${encoded(id)}`,
    'ec2 prefix-list': (id, { region }) =>
      `/vpcconsole/home?region=${region}#ManagedPrefixListDetails:prefixListId=${encoded(id)}`,
    'elasticloadbalancing targetgroup': (_name, { region, arn }) =>
      `/ec2/home?region=${region}#TargetGroup:targetGroupArn=${encoded(arn)}`,
    'autoscaling autoScalingGroup': (name, { region }) =>
      `/ec2/home?region=${region}#AutoScalingGroupDetails:id=${encoded(name)}`,
    'cloudfront distribution': (id, { region }) => `/cloudfront/v4/home?region=${region}#/distributions/${encoded(id)}`,
  }),
);

/** A queue has no kind in its ARN. */
function queuePage(arn: string): string | undefined {
  const [, , service, region = '', account = '', name, ...rest] = arn.split(':');
  if (service !== 'sqs' || name === undefined || rest.length > 0) return undefined;
  const url = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
  return `/sqs/v3/home?region=${region}#/queues/${encoded(url)}`;
}

/** The page of a target; `undefined`: the console has none that is known here. */
export function targetLink(arn: string, home: string): string | undefined {
  const parts = arnParts(arn);
  const [, partition = ''] = arn.split(':');
  const region = parts?.region || home;
  const root = consoleOf(partition, region);
  const page = parts === undefined ? undefined : PAGES.get(`${parts.service} ${parts.kind}`);
  const path = parts === undefined || page === undefined ? queuePage(arn) : page(parts.name, { ...parts, region, arn });
  return root === undefined || path === undefined ? undefined : root + path;
}

/** The log group of a function. The console escapes twice, with a dollar for the percent sign. */
export function logLink(functionName: string, region: string): string | undefined {
  const group = encoded(encoded(`/aws/lambda/${functionName}`)).replaceAll('%', '$');
  const root = consoleOf(partitionOf(region), region);
  return root === undefined
    ? undefined
    : `${root}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${group}`;
}
