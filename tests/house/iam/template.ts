/** A packaged CloudFormation template as the account would see it once deployed: names, ARNs, and what each role may do. */

import { z } from 'zod';
import type { PolicyStatement } from './policy.ts';

/** Where the stack is deployed. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
});

/** A CloudFormation template in JSON. */
export const templateSchema = z.looseObject({
  Resources: z.record(z.string(), resourceSchema),
  Parameters: z.record(z.string(), z.looseObject({ Default: z.unknown().optional() })).optional(),
});

export type Template = z.infer<typeof templateSchema>;
export type TemplateResource = z.infer<typeof resourceSchema>;

const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const statementSchema = z.strictObject({
  Sid: z.string(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts,
  Resource: texts,
  Condition: z.record(z.string(), z.record(z.string(), texts)).default({}),
});

/** A function of the stack. */
interface StackFunction {
  /** Folder of the runbook. */
  readonly runbook: string;
  readonly functionName: string;
  readonly arn: string;
  readonly statements: readonly PolicyStatement[];
  readonly environment: { readonly [name: string]: string };
  /** Where Lambda puts what failed for good. */
  readonly failedQueue: string | undefined;
  /** The queue whose messages start it. */
  readonly requestsQueue: string | undefined;
}

/** A schedule with the role it starts its target by. */
interface StackSchedule {
  readonly id: string;
  readonly target: string;
  readonly deadLetters: string | undefined;
  readonly statements: readonly PolicyStatement[];
}

/** A stack as deployed. */
export interface Stack {
  readonly functions: readonly StackFunction[];
  readonly schedules: readonly StackSchedule[];
}

/** How an ARN ends, by resource type, and which property names the resource. */
const ARNS: { readonly [type: string]: readonly [service: string, prefix: string, property: string] } = {
  'AWS::DynamoDB::Table': ['dynamodb', 'table/', 'TableName'],
  'AWS::Events::EventBus': ['events', 'event-bus/', 'Name'],
  'AWS::IAM::Role': ['iam', 'role/', 'RoleName'],
  'AWS::Lambda::Function': ['lambda', 'function:', 'FunctionName'],
  'AWS::SNS::Topic': ['sns', '', 'TopicName'],
  'AWS::SQS::Queue': ['sqs', '', 'QueueName'],
};
/** Types whose `Ref` is the ARN. */
const REF_IS_ARN = new Set(['AWS::SNS::Topic']);

/** Evaluates the intrinsic functions of a template for one place. */
class Resolver {
  readonly #template: Template;
  readonly #place: Place;

  constructor(template: Template, place: Place) {
    this.#template = template;
    this.#place = place;
  }

  /** The value without intrinsic functions. Throws on one it does not know. */
  readonly resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(this.resolve);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && (only[0] === 'Ref' || only[0].startsWith('Fn::')))
      return this.#intrinsic(only[0], only[1]);
    return Object.fromEntries(entries.map(([key, member]) => [key, this.resolve(member)]));
  };

  /** Like `resolve`, where only text makes sense. */
  readonly text = (value: unknown): string => z.string().parse(this.resolve(value));

  #intrinsic(name: string, value: unknown): unknown {
    if (name === 'Ref') return this.#ref(z.string().parse(value));
    if (name === 'Fn::GetAtt') {
      const [id = '', attribute = ''] = Array.isArray(value)
        ? z.array(z.string()).parse(value)
        : z.string().parse(value).split('.');
      return this.#attribute(id, attribute);
    }
    if (name === 'Fn::Sub')
      return z
        .string()
        .parse(value)
        .replaceAll(/\$\{([^}]+)\}/gu, (_whole, id: string) =>
          id.includes('.') && !id.includes('::') ? this.#attribute(...this.#split(id)) : this.#ref(id),
        );
    if (name === 'Fn::Join') {
      const [separator, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(value);
      return parts.map(this.text).join(separator);
    }
    throw new Error(`the intrinsic function ${name} is not understood`);
  }

  #lambdaArn(name: string): string {
    return name.startsWith('arn:')
      ? name
      : `arn:aws:lambda:${this.#place.region}:${this.#place.account}:function:${name}`;
  }

  #split(text: string): [id: string, attribute: string] {
    const [id = '', attribute = ''] = text.split('.');
    return [id, attribute];
  }

  #ref(id: string): string {
    const pseudo = {
      'AWS::Partition': 'aws',
      'AWS::Region': this.#place.region,
      'AWS::AccountId': this.#place.account,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    const known = Object.entries(pseudo).find(([name]) => name === id)?.[1];
    if (known !== undefined) return known;
    const { Type, Properties } = this.#resource(id);
    if (Type === 'AWS::Lambda::Alias')
      return `${this.#lambdaArn(this.text(Properties['FunctionName']))}:${this.text(Properties['Name'])}`;
    return REF_IS_ARN.has(Type) ? this.#arn(id) : this.#name(id);
  }

  #attribute(id: string, attribute: string): string {
    if (attribute === 'Arn') return this.#arn(id);
    if (attribute === 'StreamArn') return `${this.#arn(id)}/stream/2026-01-01T00:00:00.000`;
    const found = this.#resource(id).Properties[attribute];
    if (found === undefined) throw new Error(`${id}.${attribute}: not in the template`);
    return this.text(found);
  }

  #resource(id: string): TemplateResource {
    const found = this.#template.Resources[id];
    if (found === undefined) throw new Error(`${id}: not in the template`);
    return found;
  }

  #name(id: string): string {
    const { Type, Properties } = this.#resource(id);
    const [, , property] = ARNS[Type] ?? [];
    // A resource without a name of its own gets one from CloudFormation; its logical id stands for it here.
    return property === undefined || Properties[property] === undefined ? id : this.text(Properties[property]);
  }

  #arn(id: string): string {
    const { Type } = this.#resource(id);
    const form = ARNS[Type];
    if (form === undefined) throw new Error(`${id}: how the ARN of a ${Type} looks is not known here`);
    const [service, prefix] = form;
    const region = service === 'iam' ? '' : this.#place.region;
    return `arn:aws:${service}:${region}:${this.#place.account}:${prefix}${this.#name(id)}`;
  }
}

const documentSchema = z.object({ Statement: z.array(z.unknown()) });
const roleSchema = z.object({
  Policies: z.array(z.object({ PolicyDocument: documentSchema })),
  ManagedPolicyArns: z.undefined().optional(),
});

/** The statements of a role, which is all it may do: no managed policy, nothing attached from elsewhere. */
function statementsOf(template: Template, id: string, resolver: Resolver): PolicyStatement[] {
  const attached = Object.entries(template.Resources).filter(
    ([, { Type, Properties }]) =>
      /^AWS::IAM::(?:Managed)?Policy$/u.test(Type) && JSON.stringify(Properties['Roles'] ?? '').includes(`"${id}"`),
  );
  if (attached.length > 0)
    throw new Error(
      `${id} also has the policy ${attached[0]?.[0] ?? ''}: its permissions are to stand in the role itself`,
    );
  const { Policies } = roleSchema.parse(template.Resources[id]?.Properties);
  return Policies.flatMap(({ PolicyDocument }) =>
    PolicyDocument.Statement.map((statement) => statementSchema.parse(resolver.resolve(statement))),
  );
}

function roleIdOf(value: unknown): string {
  return z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }).parse(value)['Fn::GetAtt'][0];
}

function failedQueueOf(template: Template, id: string, resolver: Resolver): string | undefined {
  const own = z.object({ TargetArn: z.unknown() }).safeParse(template.Resources[id]?.Properties['DeadLetterConfig']);
  if (own.success) return resolver.text(own.data.TargetArn);
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== 'AWS::Lambda::EventInvokeConfig' || !JSON.stringify(Properties['FunctionName']).includes(`"${id}"`))
      continue;
    const config = z
      .object({ OnFailure: z.object({ Destination: z.unknown() }) })
      .parse(Properties['DestinationConfig']);
    return resolver.text(config.OnFailure.Destination);
  }
  return undefined;
}

function requestsQueueOf(template: Template, id: string, resolver: Resolver): string | undefined {
  const sources = Object.values(template.Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::Lambda::EventSourceMapping' && JSON.stringify(Properties['FunctionName']).includes(`"${id}"`)
      ? [resolver.text(Properties['EventSourceArn'])]
      : [],
  );
  return sources.find((source) => source.startsWith('arn:aws:sqs:'));
}

function functionOf(template: Template, id: string, resolver: Resolver): StackFunction {
  const Properties: TemplateResource['Properties'] = template.Resources[id]?.Properties ?? {};
  const runbook = /^functions\/([a-z-]+)\/handler\.handler$/u.exec(z.string().parse(Properties['Handler']))?.[1];
  if (runbook === undefined) throw new Error(`${id}: its handler is no runbook's`);
  return {
    runbook,
    functionName: resolver.text({ Ref: id }),
    arn: resolver.text({ 'Fn::GetAtt': [id, 'Arn'] }),
    statements: statementsOf(template, roleIdOf(Properties['Role']), resolver),
    environment: z
      .object({ Variables: z.record(z.string(), z.string()) })
      .parse(resolver.resolve(Properties['Environment'])).Variables,
    failedQueue: failedQueueOf(template, id, resolver),
    requestsQueue: requestsQueueOf(template, id, resolver),
  };
}

const targetSchema = z.object({
  Arn: z.unknown(),
  RoleArn: z.unknown(),
  DeadLetterConfig: z.object({ Arn: z.unknown() }).optional(),
});

function scheduleOf(template: Template, id: string, resolver: Resolver): StackSchedule {
  const target = targetSchema.parse(template.Resources[id]?.Properties['Target']);
  return {
    id,
    target: resolver.text(target.Arn),
    deadLetters: target.DeadLetterConfig === undefined ? undefined : resolver.text(target.DeadLetterConfig.Arn),
    statements: statementsOf(template, roleIdOf(target.RoleArn), resolver),
  };
}

const deployed = new WeakMap<Template, Map<string, Stack>>();

/** The functions and schedules of a template, deployed at a place. Each is worked out once: every drill asks for the same few. */
export function stackOf(template: Template, place: Place): Stack {
  const places = deployed.get(template) ?? new Map<string, Stack>();
  deployed.set(template, places);
  const key = `${place.account} ${place.region}`;
  const stack = places.get(key) ?? stackAt(template, place);
  places.set(key, stack);
  return stack;
}

function stackAt(template: Template, place: Place): Stack {
  const resolver = new Resolver(template, place);
  const ids = (type: string): string[] =>
    Object.entries(template.Resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id]) => id);
  return {
    functions: ids('AWS::Lambda::Function').map((id) => functionOf(template, id, resolver)),
    schedules: ids('AWS::Scheduler::Schedule').map((id) => scheduleOf(template, id, resolver)),
  };
}
