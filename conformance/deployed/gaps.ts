/** What the emulator lacks of AWS, with AWS's own page; what is therefore not tried there, and what tries it instead. */

/** A gap. */
export interface Gap {
  readonly lacks: string;
  readonly source: string;
  readonly instead: string;
}

export const GAPS: readonly Gap[] = [
  {
    lacks: 'alarms on expressions (Metrics) in a template: the heartbeat alarm is left out of what is deployed',
    source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html',
    instead: 'cfn-lint, and the drills, which evaluate the alarm as it stands in the template',
  },
  {
    lacks: 'documents of Systems Manager in a template: the one that hosts run is left out of what is deployed',
    source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-document.html',
    instead: 'cfn-lint, and tests/functions/deny-networks/host-document.test.ts, which runs its script',
  },
  {
    lacks:
      'DurableConfig of a function: a durable runbook is deployed, and says that it is not durable when it is started',
    source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html',
    instead: 'npm run conformance runs its bundle against a durable service of our own and moto',
  },
  {
    lacks: 'network interfaces of instances and of associated addresses: an address cannot be moved, its run fails',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Address.html',
    instead: 'npm run conformance moves one on moto; here it is the run that fails',
  },
  {
    lacks:
      'events of EC2, Auto Scaling and CloudWatch on the default bus, which nobody else may put there: no rule is hit',
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event.html',
    instead: "the rules' patterns are held to the runbook's triggers, and those to events in AWS's documented form",
  },
  {
    lacks:
      'the id of an asynchronous request in the context of the run that it started: each attempt has an id of its own',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html',
    instead: 'the dry run that a person starts is found in the log of its function; tests/cli/operate/live has the id',
  },
];
