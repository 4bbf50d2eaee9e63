/** Pages of CloudFront's listings: so many after a marker. */

import { awsError, type Shape } from '../../engine/model.ts';
import { show, text } from '../ec2/state.ts';

/** Source: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDistributionsByWebACLId.html (MaxItems). */
const MOST_PER_PAGE = 100;

function invalid(message: string): Error {
  return awsError('InvalidArgument', message);
}

/** The members of a listing's answer beside its items, and the items, in the shape that CloudFront gives both. */
interface Page {
  readonly Marker: string;
  readonly NextMarker?: string;
  readonly MaxItems: number;
  readonly IsTruncated: boolean;
  readonly Quantity: number;
  readonly Items?: readonly Shape[];
}

/**
 * One page. A marker is the id of the last record of the page before.
 * @throws AwsError for a marker that this listing has not given, or a number that it does not take
 */
export function page(input: Shape, all: readonly Shape[], shown: (record: Shape) => Shape): Page {
  const marker = text(input, 'Marker');
  const most = Number(input['MaxItems'] ?? MOST_PER_PAGE);
  if (!Number.isInteger(most) || most < 1 || most > MOST_PER_PAGE)
    throw invalid(`MaxItems must be from 1 to ${MOST_PER_PAGE}.`);
  const before = marker === undefined ? -1 : all.findIndex(({ Id: id }) => id === marker);
  if (marker !== undefined && before < 0) throw invalid(`The marker ${marker} is not valid.`);
  const following = all.slice(before + 1);
  const items = following.slice(0, most);
  const isTruncated = following.length > items.length;
  return {
    Marker: marker ?? '',
    ...(isTruncated ? { NextMarker: show(items.at(-1)?.['Id']) } : {}),
    MaxItems: most,
    IsTruncated: isTruncated,
    Quantity: items.length,
    // A list of none is left out of the answer's XML.
    ...(items.length === 0 ? {} : { Items: items.map(shown) }),
  };
}
