/** Which instances Systems Manager manages, and whether their agents answer. */

import { InstanceInformation$ } from '@aws-sdk/client-ssm';
import { awsError, NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { strings } from '../ec2/filters.ts';
import { outputOf } from '../ec2/shape.ts';
import { find, list, show, stateOf, text } from '../ec2/state.ts';

const outputFor = outputOf(InstanceInformation$);

/** Source: API_DescribeInstanceInformation (`MaxResults`), API_InstanceInformationStringFilter (`Values`). */
const PAGE = { least: 5, most: 50, default: 10 };
const MOST_VALUES = 100;

/** Filters that are modelled, by the member that they are about. */
const FILTERS: { readonly [key: string]: string } = {
  InstanceIds: 'InstanceId',
  PingStatus: 'PingStatus',
  PlatformTypes: 'PlatformType',
};

function filterTest(filter: Shape): (record: Shape) => boolean {
  const key = show(filter['Key']);
  const member = Object.hasOwn(FILTERS, key) ? FILTERS[key] : undefined;
  const values = strings(filter, 'Values');
  if (member === undefined || values.length === 0)
    throw new NotSimulatedError(`ssm:DescribeInstanceInformation filter ${key}`);
  // Wording assumed.
  if (values.length > MOST_VALUES)
    throw awsError('ValidationException', `A filter takes ${MOST_VALUES} values, not ${values.length}.`);
  return (record) => values.includes(show(record[member]));
}

function pageSize(input: Shape): number {
  const size = input['MaxResults'] ?? PAGE.default;
  if (typeof size !== 'number' || size < PAGE.least || size > PAGE.most)
    throw awsError('ValidationException', `MaxResults must be from ${PAGE.least} to ${PAGE.most}.`);
  return size;
}

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const offset = /^information:(\d+)$/u.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (offset === undefined) throw awsError('InvalidNextToken', 'The specified token is not valid.');
  return Number(offset);
}

/** What is not there any more is not told of; an instance that has stopped has lost its connection. */
function asTold(world: World, record: Shape): readonly Shape[] {
  const id = show(record['InstanceId']);
  const instance = find(world, 'Instances', id);
  if (instance === undefined) return id.startsWith('mi-') ? [record] : [];
  const state = stateOf(instance);
  if (state === 'terminated' || state === 'shutting-down') return [];
  if (state === 'running') return [record];
  world.assume('ssm: an instance that does not run is told of as ConnectionLost at once');
  return [{ ...record, PingStatus: 'ConnectionLost' }];
}

/** Managed instances that pass all filters; one that is not managed is none of them, and no error. */
export function describeInstanceInformation(input: Shape, world: World): object {
  if (input['InstanceInformationFilterList'] !== undefined)
    throw new NotSimulatedError('ssm:DescribeInstanceInformation InstanceInformationFilterList');
  const tests = list(input, 'Filters').map(filterTest);
  const size = pageSize(input);
  const known = world.records('ssm', 'InstanceInformation').flatMap((record) => asTold(world, record));
  const found = known.filter((record) => tests.every((test) => test(record)));
  const from = offsetOf(text(input, 'NextToken'));
  const to = from + size;
  return {
    InstanceInformationList: found.slice(from, to).map((record) => outputFor(record)),
    ...(to < found.length ? { NextToken: Buffer.from(`information:${to}`).toString('base64url') } : {}),
  };
}
