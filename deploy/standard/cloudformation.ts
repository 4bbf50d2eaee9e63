/** The few words of CloudFormation that the standard is written with. */

/** A value that CloudFormation works out. */
export type Intrinsic = Readonly<Record<string, unknown>>;

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** Resources by logical id. */
export type Resources = Readonly<Record<string, Resource>>;

/** Outputs of a template, by name. */
export type Outputs = Readonly<Record<string, { readonly Description: string; readonly Value: Intrinsic }>>;

/** `!Ref ID`. */
export function ref(id: string): Intrinsic {
  return { Ref: id };
}

/** `!GetAtt ID.ATTRIBUTE`. */
export function att(id: string, attribute: string): Intrinsic {
  return { 'Fn::GetAtt': [id, attribute] };
}

/** `!Sub TEXT`. */
export function sub(text: string): Intrinsic {
  return { 'Fn::Sub': text };
}

/** The ARN of what this account has in this Region, e.g. `arn('events', 'rule/x')`. */
export function arn(service: string, resource: string): Intrinsic {
  return sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`);
}

/**
 * The ARN of what this account has for CloudFront, which is in us-east-1 wherever the stack is.
 * Source: https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
 */
export function globalArn(service: string, resource: string): Intrinsic {
  return sub(`arn:\${AWS::Partition}:${service}:us-east-1:\${AWS::AccountId}:${resource}`);
}

/** What everything that is named begins with: the stack's parameter. */
export const PREFIX = '${param:prefix}';

/** `carry-volumes` → `CarryVolumes`. */
export function pascal(name: string): string {
  return name.replaceAll(/(?:^|-)([a-z\d])/gu, (_, letter: string) => letter.toUpperCase());
}
