/** ARNs of stages of API Gateway: they name no account, and tell a REST API from others. */

import { arnParts } from '../../../shared/aws/arn.ts';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { StageName } from '../decide.ts';
import type { Whole } from './requests.ts';

/** Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html. */
const STAGE = /^(restapis|apis)\/([^/]+)\/stages\/([^/]+)$/u;

/** The stage that an ARN names; `undefined`: it names none. */
export function stageIn(arn: string): StageName | undefined {
  const { service, name = '' } = arnParts(arn) ?? {};
  const [, kind, apiId, stageName] = STAGE.exec(name) ?? [];
  if (service !== 'apigateway' || apiId === undefined || stageName === undefined) return undefined;
  return { isRest: kind === 'restapis', apiId, stageName };
}

/** Whether an ARN is that of a stage. */
export function isStage(arn: string): boolean {
  return stageIn(arn) !== undefined;
}

/** Whether something that a stage has is to be flushed. */
export function isOfStages(whole: readonly Whole[]): boolean {
  return whole.includes('stage') || whole.includes('authorizers');
}

/** @throws BadInputError where a stage is named, and what is asked for is not what a stage has */
export function demandOfStage(arn: string, paths: number, whole: readonly Whole[]): void {
  const place = isOfStages(whole) && !whole.includes('cluster') ? 'params.paths' : 'params.whole';
  if (place === 'params.paths' && paths === 0) return;
  throw new BadInputError(place, `${arn} is a stage, which has no paths: say "whole": ["stage"], or ["authorizers"]`);
}
