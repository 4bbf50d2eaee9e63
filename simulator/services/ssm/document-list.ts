/** Documents, as they are listed. */

import { DocumentIdentifier$ } from '@aws-sdk/client-ssm';
import { strings } from '../ec2/filters.ts';
import { outputOf } from '../ec2/shape.ts';
import { list, show, text } from '../ec2/state.ts';
import { awsError, NotSimulatedError, type Shape, type World } from '../../engine/model.ts';
import { pageOf, recordsGiven } from '../listing.ts';

const CALL = 'ssm:ListDocuments';

/** Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListDocuments.html (MaxResults). */
const PAGE = { least: 1, most: 50 };

const output = outputOf(DocumentIdentifier$);

function filterTest(world: World, filter: Shape): (document: Shape) => boolean {
  const key = show(filter['Key']);
  const values = strings(filter, 'Values');
  if (values.length === 0) throw new NotSimulatedError(`${CALL} filter ${key} without values`);
  if (key.startsWith('tag:')) {
    const tag = key.slice('tag:'.length);
    return (document) =>
      list(document, 'Tags').some((each) => each['Key'] === tag && values.includes(show(each['Value'])));
  }
  if (key === 'DocumentType') return (document) => values.includes(show(document['DocumentType']));
  if (key !== 'Owner') throw new NotSimulatedError(`${CALL} filter ${key}`);
  if (values.join(',') !== 'Self') throw new NotSimulatedError(`${CALL} filter Owner ${values.join(', ')}`);
  return (document) => (text(document, 'Owner') ?? world.account) === world.account;
}

/** Documents that pass all filters. Source of the one tag key: the reference, of `Filters`. */
export function listDocuments(input: Shape, world: World): object {
  if (input['DocumentFilterList'] !== undefined) throw new NotSimulatedError(`${CALL} DocumentFilterList`);
  const filters = list(input, 'Filters');
  if (filters.filter((filter) => show(filter['Key']).startsWith('tag:')).length > 1)
    // Wording assumed: the reference names the error only.
    throw awsError('InvalidFilterKey', 'Documents are filtered by one tag key.');
  const tests = filters.map((filter) => filterTest(world, filter));
  const size = input['MaxResults'] ?? PAGE.most;
  if (typeof size !== 'number' || size < PAGE.least || size > PAGE.most)
    throw awsError('ValidationException', `MaxResults must be from ${PAGE.least} to ${PAGE.most}.`);
  const all = recordsGiven(world, { call: CALL, service: 'ssm', collection: 'Documents' });
  const found = all.filter((document) => tests.every((test) => test(document)));
  if (filters.length === 0) world.assume('ssm: ListDocuments without filters gives none of Amazon’s documents');
  const { items, next } = pageOf(found, input['NextToken'], size);
  return {
    DocumentIdentifiers: items.map((document) => output({ ...document, Owner: document['Owner'] ?? world.account })),
    ...(next === undefined ? {} : { NextToken: next }),
  };
}
