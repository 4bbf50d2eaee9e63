/** Launch templates and their versions. */

import { LaunchTemplate$, LaunchTemplateVersion$ } from '@aws-sdk/client-ec2';
import { isDeepStrictEqual } from 'node:util';
import { BadInputError } from '../../../../shared/kernel/errors.ts';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../../engine/model.ts';
import { refuseMembers } from '../ebs-state.ts';
import { filtered, page, read, strings, type FilterPaths } from '../filters.ts';
import { notPasted } from '../../listing.ts';
import { outputOf } from '../shape.ts';
import { find, isShape, records, show, stamp, text } from '../state.ts';

const output = { template: outputOf(LaunchTemplate$), version: outputOf(LaunchTemplateVersion$) };

function numberOf(record: Shape | undefined, member: string): number | undefined {
  const value = record?.[member];
  return typeof value === 'number' ? value : undefined;
}

function versionsOf(world: World, template: Shape): Shape[] {
  return records(world, 'LaunchTemplateVersions')
    .filter((version) => version['LaunchTemplateId'] === template['LaunchTemplateId'])
    .toSorted((one, other) => (numberOf(one, 'VersionNumber') ?? 0) - (numberOf(other, 'VersionNumber') ?? 0));
}

/** What a file writes into the template itself is its default version. */
function unpackData(world: World, template: Shape): void {
  const { LaunchTemplateData, Data, ...rest } = template;
  const data = LaunchTemplateData ?? Data;
  if (!isShape(data)) return;
  for (const member of ['LaunchTemplateData', 'Data']) delete template[member];
  const VersionNumber = numberOf(rest, 'DefaultVersionNumber') ?? numberOf(rest, 'LatestVersionNumber') ?? 1;
  records(world, 'LaunchTemplateVersions').push({
    LaunchTemplateId: rest['LaunchTemplateId'],
    VersionNumber,
    DefaultVersion: true,
    LaunchTemplateData: data,
  });
}

/** A version names its template by id, by name, or by both; a template that only its versions tell of is made. */
function joinTemplate(world: World, version: Shape, index: number): void {
  const [id, name] = [text(version, 'LaunchTemplateId'), text(version, 'LaunchTemplateName')];
  const templates = records(world, 'LaunchTemplates');
  let template = templates.find((each) =>
    id === undefined ? each['LaunchTemplateName'] === name : each['LaunchTemplateId'] === id,
  );
  if (template === undefined) {
    if (id === undefined && name === undefined)
      throw new BadInputError(`ec2.LaunchTemplateVersions[${index}].LaunchTemplateId`, 'is missing');
    template = { LaunchTemplateId: id ?? world.id('lt'), ...(name === undefined ? {} : { LaunchTemplateName: name }) };
    templates.push(template);
  }
  version['LaunchTemplateId'] = template['LaunchTemplateId'];
  version['VersionNumber'] ??= 1;
  version['VersionId'] = `${show(version['LaunchTemplateId'])}:${show(version['VersionNumber'])}`;
}

/** The same version is there once, however often it was pasted. */
function refuseContradictions(world: World): void {
  const all = records(world, 'LaunchTemplateVersions');
  const first = new Map<unknown, Shape>();
  for (const [index, version] of all.entries()) {
    const before = first.get(version['VersionId']);
    if (before === undefined) first.set(version['VersionId'], version);
    else if (!isDeepStrictEqual(before['LaunchTemplateData'], version['LaunchTemplateData']))
      throw new BadInputError(
        `ec2.LaunchTemplateVersions[${index}].VersionNumber`,
        `${show(version['VersionId'])} occurs twice`,
      );
  }
  all.splice(0, all.length, ...first.values());
}

function completeTemplate(world: World, template: Shape): void {
  const versions = versionsOf(world, template);
  const numbers = versions.map((version) => numberOf(version, 'VersionNumber') ?? 1);
  const marked = versions.find((version) => version['DefaultVersion'] === true);
  template['DefaultVersionNumber'] ??= numberOf(marked, 'VersionNumber') ?? 1;
  const least = numberOf(template, 'DefaultVersionNumber') ?? 1;
  template['LatestVersionNumber'] ??= Math.max(least, ...numbers);
  template['LaunchTemplateName'] ??= show(template['LaunchTemplateId']);
  template['CreateTime'] ??= stamp(world);
  template['CreatedBy'] ??= `arn:aws:iam::${world.account}:root`;
  template['Tags'] ??= [];
  for (const version of versions) {
    version['LaunchTemplateName'] = template['LaunchTemplateName'];
    version['DefaultVersion'] = version['VersionNumber'] === template['DefaultVersionNumber'];
    version['CreateTime'] ??= template['CreateTime'];
    version['CreatedBy'] ??= template['CreatedBy'];
  }
}

/** Completes templates and versions, whichever of the two a file has. */
export function completeLaunchTemplates(world: World): void {
  for (const template of records(world, 'LaunchTemplates')) {
    template['LaunchTemplateId'] ??= world.id('lt');
    unpackData(world, template);
  }
  for (const [index, version] of records(world, 'LaunchTemplateVersions').entries())
    joinTemplate(world, version, index);
  refuseContradictions(world);
  const names = new Map<unknown, number>();
  for (const [index, template] of records(world, 'LaunchTemplates').entries()) {
    completeTemplate(world, template);
    const name = template['LaunchTemplateName'];
    if (names.has(name))
      throw new BadInputError(`ec2.LaunchTemplates[${index}].LaunchTemplateName`, `${show(name)} is there twice`);
    names.set(name, index);
  }
}

/** A world of pastes without any templates does not say which there are. */
function demandGiven(world: World, what: string): void {
  if (world.isUnsaid('ec2', 'LaunchTemplates'))
    throw notPasted('ec2:DescribeLaunchTemplates', `ec2.LaunchTemplates of ${what}`);
}

/** Seen by users of the API: github.com/hashicorp/terraform-provider-aws, of both codes. */
function noTemplate(id: string | undefined, name: string | undefined): Error {
  return id === undefined
    ? awsError(
        'InvalidLaunchTemplateName.NotFoundException',
        `The specified launch template, with template name ${name ?? ''}, does not exist.`,
      )
    : awsError(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${id}, does not exist.`,
      );
}

/**
 * The template that a request names, by id or by name, not by both.
 * @throws AwsError as EC2 does for an unknown one
 */
export function templateOf(world: World, wanted: Shape): Shape {
  const [id, name] = [text(wanted, 'LaunchTemplateId'), text(wanted, 'LaunchTemplateName')];
  if (id === undefined && name === undefined)
    throw awsError('MissingParameter', 'Either the launch template ID or the launch template name must be specified.');
  if (id !== undefined && name !== undefined)
    throw awsError(
      'InvalidParameterCombination',
      'You must specify either the launch template ID or the launch template name, not both.',
    );
  const found =
    id === undefined
      ? records(world, 'LaunchTemplates').find((template) => template['LaunchTemplateName'] === name)
      : find(world, 'LaunchTemplates', id);
  if (found !== undefined) return found;
  demandGiven(world, id ?? name ?? '');
  throw noTemplate(id, name);
}

/**
 * A version by its number, `$Default` or `$Latest`. The default, where none is named.
 * @throws `InvalidLaunchTemplateId.VersionNotFound` (AwsError); NotSimulatedError for one that the template has and the file has not
 */
export function versionOf(world: World, template: Shape, asked: string | undefined): Shape {
  const latest = numberOf(template, 'LatestVersionNumber') ?? 1;
  const wanted =
    asked === undefined || asked === '$Default'
      ? (numberOf(template, 'DefaultVersionNumber') ?? 1)
      : asked === '$Latest'
        ? latest
        : Number(asked);
  const id = show(template['LaunchTemplateId']);
  const found = versionsOf(world, template).find((version) => version['VersionNumber'] === wanted);
  if (found !== undefined) return found;
  // Which of the older ones were deleted is not known.
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= latest)
    throw new NotSimulatedError(`version ${wanted} of launch template ${id}, which the world file does not hold`);
  throw awsError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${asked ?? ''} for the launch template with ID ${id}.`,
  );
}

const TEMPLATE_FILTERS: FilterPaths = {
  'create-time': 'CreateTime',
  'launch-template-name': 'LaunchTemplateName',
};

function describeLaunchTemplates(input: Shape, world: World): object {
  const ids = strings(input, 'LaunchTemplateIds');
  const names = strings(input, 'LaunchTemplateNames');
  const wanted = [
    ...ids.map((LaunchTemplateId) => ({ LaunchTemplateId })),
    ...names.map((LaunchTemplateName) => ({ LaunchTemplateName })),
  ];
  const found = wanted.length === 0 ? records(world, 'LaunchTemplates') : wanted.map((one) => templateOf(world, one));
  const { items, rest } = page(
    'DescribeLaunchTemplates',
    input,
    filtered('DescribeLaunchTemplates', input, found, TEMPLATE_FILTERS),
    undefined,
    { least: 1, most: 200 },
  );
  return { LaunchTemplates: items.map(output.template), ...rest };
}

const VERSION_FILTERS: FilterPaths = {
  'create-time': 'CreateTime',
  'ebs-optimized': 'LaunchTemplateData.EbsOptimized',
  'image-id': 'LaunchTemplateData.ImageId',
  'instance-type': 'LaunchTemplateData.InstanceType',
  'is-default-version': 'DefaultVersion',
};

/** `$Default` and `$Latest` without a template are those of all templates; numbers need one. */
function versionsAsked(input: Shape, world: World): Shape[] {
  const asked = strings(input, 'Versions');
  const isNamed = text(input, 'LaunchTemplateId') !== undefined || text(input, 'LaunchTemplateName') !== undefined;
  if (!isNamed) {
    if (asked.length === 0 || asked.some((version) => !version.startsWith('$')))
      throw awsError(
        'MissingParameter',
        'Either the launch template ID or the launch template name must be specified.',
      );
    return records(world, 'LaunchTemplates').flatMap((template) =>
      asked.map((version) => versionOf(world, template, version)),
    );
  }
  const template = templateOf(world, input);
  return asked.length === 0
    ? versionsOf(world, template).toReversed()
    : asked.map((version) => versionOf(world, template, version));
}

function describeLaunchTemplateVersions(input: Shape, world: World): object {
  refuseMembers('DescribeLaunchTemplateVersions', input, ['MinVersion', 'MaxVersion', 'ResolveAlias']);
  const found = [...new Set(versionsAsked(input, world))];
  const { items, rest } = page(
    'DescribeLaunchTemplateVersions',
    input,
    filtered('DescribeLaunchTemplateVersions', input, found, VERSION_FILTERS),
    undefined,
    { least: 1, most: 200 },
  );
  return { LaunchTemplateVersions: items.map(output.version), ...rest };
}

export const launchTemplateOperations: { readonly [operation: string]: Operation } = {
  DescribeLaunchTemplates: read('DescribeLaunchTemplates', describeLaunchTemplates),
  DescribeLaunchTemplateVersions: read('DescribeLaunchTemplateVersions', describeLaunchTemplateVersions),
};
