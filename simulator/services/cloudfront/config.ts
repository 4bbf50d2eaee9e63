/** A distribution's configuration: what CloudFront refuses in one, and what it makes of what is left out. */

import type { Shape } from '../../engine/model.ts';
import { isShape, list, part, show, text } from '../ec2/state.ts';
import { isCountry } from './countries.ts';

/** Why CloudFront does not take a configuration. */
export interface Fault {
  /** The code of CloudFront's error. */
  readonly code: string;
  readonly message: string;
  /** What is not documented of it. */
  readonly assumed?: string;
}

/** Source: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_GeoRestriction.html (RestrictionType). */
export const RESTRICTION_TYPES = ['blacklist', 'whitelist', 'none'] as const;

/** Source: https://github.com/hashicorp/terraform-provider-aws/issues/20807, where items are left beside the type `none`. */
const BAD_RESTRICTION: Fault = {
  code: 'InvalidGeoRestrictionParameter',
  message: 'Your request contains invalid Restriction parameters.',
};

/** The members of a list as CloudFront writes one, `{ Quantity, Items }`. */
function itemsOf(holder: Shape): readonly unknown[] {
  const items = holder['Items'];
  return Array.isArray(items) ? items : [];
}

/** The path of a list whose number of items is another than it says; `undefined`: there is none. */
function miscounted(value: unknown, path: string): string | undefined {
  if (Array.isArray(value)) {
    const paths = value.map((entry: unknown, index) => miscounted(entry, `${path}[${index}]`));
    return paths.find((found) => found !== undefined);
  }
  if (!isShape(value)) return undefined;
  const { Quantity: count } = value;
  if (typeof count === 'number' && count !== itemsOf(value).length) return path;
  const inner = Object.entries(value).map(([name, each]) => miscounted(each, `${path}.${name}`));
  return inner.find((found) => found !== undefined);
}

function restrictionFault(config: Shape): Fault | undefined {
  const restriction = part(part(config, 'Restrictions'), 'GeoRestriction');
  const type = text(restriction, 'RestrictionType') ?? 'none';
  const countries = itemsOf(restriction);
  const isKnown = RESTRICTION_TYPES.some((known) => known === type);
  if (!isKnown || (type === 'none' && countries.length > 0)) return BAD_RESTRICTION;
  if (type !== 'none' && countries.length === 0)
    return { ...BAD_RESTRICTION, assumed: `cloudfront: a ${type} of no country is InvalidGeoRestrictionParameter` };
  const isRepeated = new Set(countries).size < countries.length;
  if (countries.every(isCountry) && !isRepeated) return undefined;
  // That `UK` is an error: https://github.com/aws/aws-cdk/issues/19022. Which one is not said there.
  const what = isRepeated ? 'a country named twice' : 'what is no code of ISO 3166-1 in capitals';
  return { ...BAD_RESTRICTION, assumed: `cloudfront: ${what} is InvalidGeoRestrictionParameter` };
}

/** A web ACL of WAF by its ARN, one of WAF Classic by its id. Source: API_ListDistributionsByWebACLId (WebACLId). */
const WEB_ACL =
  /^(?:arn:aws[a-z-]*:wafv2:us-east-1:\d{12}:global\/webacl\/[^/]+\/[^/]+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/u;

/** Whether a text has the form of a web ACL's name for CloudFront. */
export function isWebAclId(id: string): boolean {
  return WEB_ACL.test(id);
}

function originFault(config: Shape): Fault | undefined {
  const known = new Set(list(part(config, 'Origins'), 'Items').map((origin) => origin['Id']));
  const groups = list(part(config, 'OriginGroups'), 'Items').map((group) => group['Id']);
  const behaviours = [part(config, 'DefaultCacheBehavior'), ...list(part(config, 'CacheBehaviors'), 'Items')];
  const isLost = behaviours.some(({ TargetOriginId: id }) => !known.has(id) && !groups.includes(id));
  if (!isLost) return undefined;
  return { code: 'NoSuchOrigin', message: 'One or more of your origins or origin groups do not exist.' };
}

/**
 * What CloudFront has against a configuration, first of all that it does not count right; `undefined`: nothing that is modelled.
 * Source of the codes: the Errors of https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
 */
export function faultOf(config: Shape): Fault | undefined {
  const place = miscounted(config, 'DistributionConfig');
  if (place !== undefined)
    return {
      code: 'InconsistentQuantities',
      message: `The value of Quantity and the size of Items don't match: ${place}`,
    };
  const webAcl = text(config, 'WebACLId');
  if (webAcl !== undefined && !isWebAclId(webAcl))
    return { code: 'InvalidWebACLId', message: `The web ACL ID ${webAcl} is not valid.` };
  return restrictionFault(config) ?? originFault(config);
}

/**
 * What CloudFront prints of a distribution whose configuration does not say it.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cloudfront-distribution-distributionconfig.html
 */
const DEFAULTS: Shape = {
  Aliases: { Quantity: 0 },
  DefaultRootObject: '',
  OriginGroups: { Quantity: 0 },
  CacheBehaviors: { Quantity: 0 },
  CustomErrorResponses: { Quantity: 0 },
  Comment: '',
  Logging: { Enabled: false, IncludeCookies: false, Bucket: '', Prefix: '' },
  PriceClass: 'PriceClass_All',
  Restrictions: { GeoRestriction: { RestrictionType: 'none', Quantity: 0 } },
  WebACLId: '',
  HttpVersion: 'http2',
};

/** A configuration with what it leaves out at its default. */
export function filled(config: Shape): Shape {
  return { ...structuredClone(DEFAULTS), ...config };
}

/** A value whose lists say how many items they have. `anew`: also those that say something. */
export function counted(value: unknown, anew: boolean): unknown {
  if (Array.isArray(value)) return value.map((entry: unknown) => counted(entry, anew));
  if (!isShape(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, counted(each, anew)]));
  const isList = Array.isArray(value['Items']);
  const isSaid = value['Quantity'] !== undefined;
  return isList && (anew || !isSaid) ? { ...inner, Quantity: itemsOf(value).length } : inner;
}

/** The configuration of a written world: what AWS's would not be without, and the world does not care for, is added. */
export function written(config: Shape, id: string): Shape {
  const origins = { Quantity: 1, Items: [{ Id: 'origin', DomainName: 'origin.example.com' }] };
  const own = { CallerReference: id, Enabled: true, Origins: origins, ...config };
  const [first] = list(own.Origins, 'Items');
  const behaviour = { TargetOriginId: show(first?.['Id']), ViewerProtocolPolicy: 'redirect-to-https' };
  const whole = counted(filled({ DefaultCacheBehavior: behaviour, ...own }), false);
  return isShape(whole) ? whole : {};
}
