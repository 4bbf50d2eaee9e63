/** Anycast static IP lists: the addresses that are the account's own at CloudFront. */

import { AnycastIpList$, AnycastIpListSummary$ } from '@aws-sdk/client-cloudfront';
import { awsError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { outputOf } from '../ec2/shape.ts';
import { page } from './pages.ts';
import { demandMember, keeper, listed } from './state.ts';

const REFERENCE = 'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_';

const whole = outputOf(AnycastIpList$);
const summary = outputOf(AnycastIpListSummary$);

function listIpLists(input: Shape, world: World): object {
  // Each tick of a runbook asks: where nothing of CloudFront was pasted, nothing of it is played, and nobody is made to write that there is none.
  const isPlayed = keeper(world).data['cloudfront'] !== undefined;
  const all = isPlayed ? listed('cloudfront:ListAnycastIpLists', world, 'AnycastIpLists') : [];
  return { AnycastIpLists: page(input, all, summary) };
}

function getIpList({ Id: id }: Shape, world: World): object {
  const call = 'cloudfront:GetAnycastIpList';
  const found = listed(call, world, 'AnycastIpLists').find((record) => record['Id'] === id);
  if (found === undefined) throw awsError('EntityNotFound', 'The entity was not found.', 404);
  demandMember(call, 'AnycastIpLists', found, 'AnycastIps');
  return { AnycastIpList: whole(found), ETag: found['ETag'] };
}

export const ipListOperations: { readonly [operation: string]: Operation } = {
  ListAnycastIpLists: {
    kind: 'read',
    grade: 'documented',
    source: `${REFERENCE}ListAnycastIpLists.html`,
    run: listIpLists,
  },
  GetAnycastIpList: {
    kind: 'read',
    grade: 'documented',
    source: `${REFERENCE}GetAnycastIpList.html`,
    run: getIpList,
  },
};
