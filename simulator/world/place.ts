/** Where a paste comes from: the account and Region that its own records name, if all of them name the same. */

import { BadInputError } from '../../shared/kernel/errors.ts';
import { isRecord } from '../engine/json.ts';

/** `arn:PARTITION:SERVICE:REGION:ACCOUNT:…`; some services' ARNs have neither. */
const ARN = /^arn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]*):(\d{12}|):/u;
/** What is global has an ARN of the Region that keeps it, whatever Region it was asked in. */
const GLOBAL = /^[^/]*:global\//u;
/** A zone, a Local Zone, a Wavelength Zone: `eu-west-1a`, `us-west-2-lax-1a`, `us-east-1-wl1-bos-wlz-1`. */
const ZONE = /^([a-z]{2,4}(?:-[a-z]+)+-\d)(?:[a-z]|-[a-z0-9-]+)$/u;
const ACCOUNT = /^\d{12}$/u;

/** How often each account and each Region is named in a paste. */
interface NamedPlaces {
  readonly accounts: ReadonlyMap<string, number>;
  readonly regions: ReadonlyMap<string, number>;
}

function count(counts: Map<string, number>, name: string | undefined): void {
  if (name !== undefined && name !== '') counts.set(name, (counts.get(name) ?? 0) + 1);
}

/**
 * The accounts and Regions that records name as their own: by ARNs, the owner's id, the zone. What a record only refers to (a
 * tag's value, the owner of its image) is no place of the record's.
 */
export function namedPlaces(sections: unknown): NamedPlaces {
  const accounts = new Map<string, number>();
  const regions = new Map<string, number>();
  const ofGlobal = new Map<string, number>();
  const look = (value: unknown, name: string): void => {
    if (Array.isArray(value)) for (const entry of value) look(entry, name);
    else if (isRecord(value)) {
      for (const [member, inner] of Object.entries(value)) if (member !== 'Tags') look(inner, member);
    } else if (typeof value === 'string') {
      const [arn, region, account] = ARN.exec(value) ?? [];
      if (arn !== undefined && /Arn|ARN/u.test(name)) {
        count(accounts, account);
        count(GLOBAL.test(value) ? ofGlobal : regions, region);
      }
      if (name === 'OwnerId' && ACCOUNT.test(value)) count(accounts, value);
      if (name === 'AvailabilityZone' || name === 'ZoneName') count(regions, ZONE.exec(value)?.[1]);
      if (name === 'RegionName') count(regions, value);
    }
  };
  look(sections, '');
  return { accounts, regions: regions.size === 0 ? ofGlobal : regions };
}

/** The members of a world file that no output of AWS's has. */
const FRAME = ['now', 'account', 'region'] as const;
/** What is wrong with a paste is said with a line to add; these stand for what only the person knows. */
const EXAMPLES = { account: '111122223333', region: 'eu-west-1' } as const;

/** A paste with its time and place, and what was taken to be so, in words. */
export interface Framed {
  readonly file: Record<string, unknown>;
  readonly taken: readonly string[];
}

function onlyOne(counts: ReadonlyMap<string, number>): string | undefined {
  const [first] = counts.keys();
  return counts.size === 1 ? first : undefined;
}

/** `region: the records name eu-west-1 (3) and us-east-1 (1)`, or that they name none. */
function whyUnknown(name: 'account' | 'region', counts: ReadonlyMap<string, number>): string {
  const named = [...counts].map(([one, times]) => `${one} (${times})`).join(' and ');
  return named === '' ? `${name}: missing, and no record names one` : `${name}: missing, and the records name ${named}`;
}

/**
 * Completes a paste by what its records say of themselves. `now`, ISO 8601, is taken where the paste has none.
 * @throws BadInputError with everything that is missing, and the line to add
 */
export function framed(file: Record<string, unknown>, services: readonly string[], now: string | undefined): Framed {
  const missing = FRAME.filter((name) => (file[name] ?? undefined) === undefined);
  if (missing.length === 0 || now === undefined) return { file, taken: [] };
  const { accounts, regions } = namedPlaces(services.map((name) => file[name]));
  const found = { now, account: onlyOne(accounts), region: onlyOne(regions) };
  const named = { account: accounts, region: regions };
  const unknown = missing.flatMap((name) => (name !== 'now' && found[name] === undefined ? [name] : []));
  if (unknown.length > 0) {
    const toAdd = missing.map(
      (name) => `"${name}": ${JSON.stringify(found[name] ?? (name === 'now' ? now : EXAMPLES[name]))}`,
    );
    throw new BadInputError(
      '',
      `${unknown.map((name) => whyUnknown(name, named[name])).join('; ')}; add, with yours: ${toAdd.join(', ')},`,
    );
  }
  const values = missing.map((name) => [name, found[name]] as const);
  return {
    file: { ...file, ...Object.fromEntries(values) },
    taken: values.map(([name, value]) => `"${name}": ${JSON.stringify(value)}`),
  };
}
