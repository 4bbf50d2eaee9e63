/** The name by which an address, its instances and their groups belong together: the tag `runbook:vip`. */

import { tagsOf } from '../../../shared/aws/ec2/reading.ts';

/** The key of the tag. */
export const VIP = 'runbook:vip';

/** The name a resource carries; `undefined`: it is not tagged. */
export function vipOf({ Tags: tags }: { readonly Tags?: Parameters<typeof tagsOf>[0] }): string | undefined {
  return tagsOf(tags).get(VIP);
}
