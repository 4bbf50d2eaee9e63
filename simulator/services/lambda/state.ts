/** Functions of others in the world. */

import { isRecord } from '../../engine/json.ts';
import type { Shape, World } from '../../engine/model.ts';

export const SERVICE = 'lambda';

export function arnOf(world: World, name: string): string {
  return `arn:aws:lambda:${world.region}:${world.account}:function:${name}`;
}

/** The name in whatever a function may be called by: its name, its ARN, either with a version or alias. */
export function nameIn(given: unknown): string {
  const parts = String(given).split(':');
  const at = parts.indexOf('function');
  return parts[at + 1] ?? '';
}

/** How asynchronous invocations of a function are treated, by its version or alias. */
export function configsOf(fn: Shape): readonly Shape[] {
  const given = fn['EventInvokeConfig'];
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  return all.filter(isRecord);
}

/** The function of that name; `undefined`: it is not in the world. */
export function functionNamed(world: World, name: unknown): Shape | undefined {
  return world.data[SERVICE]?.['Functions']?.find(({ FunctionName }) => FunctionName === name);
}

/** Whether a function has a version or alias: one that an alias leads to is there, and one that is set up to be called asynchronously. */
export function hasQualifier(fn: Shape, qualifier: string): boolean {
  if (qualifier === '$LATEST' || fn['Version'] === qualifier) return true;
  if (configsOf(fn).some(({ FunctionArn: arn }) => String(arn).endsWith(`:${qualifier}`))) return true;
  const aliases: readonly unknown[] = Array.isArray(fn['Aliases']) ? fn['Aliases'] : [];
  return aliases
    .filter(isRecord)
    .some(({ Name, FunctionVersion }) => Name === qualifier || FunctionVersion === qualifier);
}
