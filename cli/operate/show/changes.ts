/** What calls change, before and after: as far as their inverses say how it was. Pure. */

import type { Json, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { canonical } from '../../../shared/kernel/json.ts';
import { isJsonObject } from '../../results.ts';
import { memberWithoutData, withoutData } from './hidden.ts';

/** One thing that differs. `null`: it was, or is, not there; `undefined`: not known. */
export interface Changed {
  /** What it is about: the first id of the request. */
  readonly of: string;
  /** A member of the request, `tag NAME`, or the operation itself. */
  readonly what: string;
  readonly before: string | null | undefined;
  readonly after: string | null;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

interface Tag {
  readonly key: string;
  readonly value: string;
}

function tagsIn(input: JsonObject): readonly Tag[] {
  const tags = input['Tags'];
  if (!Array.isArray(tags)) return [];
  const list: readonly Json[] = tags;
  return list.flatMap((tag): Tag[] => {
    if (!isJsonObject(tag) || typeof tag['Key'] !== 'string') return [];
    return [{ key: tag['Key'], value: textOf(tag['Value'] ?? '') }];
  });
}

/** What a request is about: the first of its members that names something. */
function aboutOf(input: JsonObject): string {
  const [first] = Object.values(input).filter((value) => typeof value === 'string' || Array.isArray(value));
  if (typeof first === 'string') return first;
  const list: readonly Json[] = Array.isArray(first) ? first : [];
  return list.flatMap((one) => (typeof one === 'string' ? [one] : [])).join(', ');
}

function verbOf(call: string): string {
  return call.slice(call.indexOf(':') + 1);
}

function tagChanges({ call, input, undo }: PlannedCall): readonly Changed[] {
  const isMade = verbOf(call) === 'CreateTags';
  const back = undo === undefined ? [] : tagsIn(undo.input);
  const isUnmade = undo !== undefined && verbOf(undo.call) === 'DeleteTags';
  return tagsIn(input).map(({ key, value }) => {
    const was = back.find((tag) => tag.key === key)?.value;
    const before = isUnmade ? null : was;
    return { of: aboutOf(input), what: `tag ${key}`, before, after: isMade ? value : null };
  });
}

function isTagging({ call }: PlannedCall): boolean {
  return verbOf(call) === 'CreateTags' || verbOf(call) === 'DeleteTags';
}

/** What stands in the same request that takes it back, where it is another. Of what is hidden it is told that it is another. */
function memberChanges({ input, undo }: PlannedCall, isShown: boolean): readonly Changed[] {
  const back = undo?.input ?? {};
  return Object.keys({ ...back, ...input }).flatMap((what): Changed[] => {
    const [before, after] = [back[what], input[what]];
    if (canonical(before ?? null) === canonical(after ?? null)) return [];
    const shown = (value: Json | undefined): string | null =>
      value === undefined ? null : textOf(isShown ? value : memberWithoutData(what, value));
    return [{ of: aboutOf(isShown ? input : withoutData(input)), what, before: shown(before), after: shown(after) }];
  });
}

/**
 * What a plan changes, in the order of its calls.
 * @param isShown also what people have put into messages and machines
 */
export function changesOf(plan: readonly PlannedCall[], isShown: boolean): readonly Changed[] {
  return plan.flatMap((planned): readonly Changed[] => {
    const { call, input, undo } = planned;
    if (isTagging(planned)) return tagChanges(planned);
    if (undo?.call === call) return memberChanges(planned, isShown);
    // Another operation takes it back: what it does is the change.
    const taken = undo === undefined ? '' : `, ${verbOf(undo.call)} takes it back`;
    return [
      {
        of: aboutOf(isShown ? input : withoutData(input)),
        what: verbOf(call),
        before: undefined,
        after: `sent${taken}`,
      },
    ];
  });
}
