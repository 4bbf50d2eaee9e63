/** CloudFront's geo restriction, and what becomes of it when countries are shut out. Pure. */

/** As CloudFront has it. */
export type Restriction = {
  /** `none`: everybody is let in. `blacklist`: all but these countries. `whitelist`: these alone. CloudFront's own words. */
  readonly type: 'none' | 'blacklist' | 'whitelist';
  /** ISO 3166-1 alpha-2, sorted, each once. */
  readonly countries: readonly string[];
};

/** CloudFront's own form of it. */
export type GeoRestriction = {
  readonly RestrictionType: Restriction['type'];
  readonly Quantity: number;
  readonly Items?: readonly string[];
};

const TYPES = ['none', 'blacklist', 'whitelist'] as const;

/** The type that a text names; `undefined`: none that is known. */
export function restrictionType(text: unknown): Restriction['type'] | undefined {
  return TYPES.find((type) => type === text);
}

/** A restriction in its one spelling. */
export function restriction(type: Restriction['type'], countries: readonly string[]): Restriction {
  // A list that nobody is on does nothing as `none` does; CloudFront gives it without Items.
  return { type, countries: type === 'none' ? [] : [...new Set(countries)].toSorted() };
}

/** As a call has it. */
export function geoRestrictionOf({ type, countries }: Restriction): GeoRestriction {
  const items = countries.length === 0 ? {} : { Items: countries };
  return { RestrictionType: type, Quantity: countries.length, ...items };
}

/** Whether two say the same. */
export function isSame(one: Restriction, other: Restriction): boolean {
  return restrictionText(one) === restrictionText(other);
}

/** The restriction with countries shut out besides. `undefined`: nobody at all would be let in. */
export function shutOut(before: Restriction, countries: readonly string[]): Restriction | undefined {
  const { type, countries: listed } = before;
  if (type !== 'whitelist') return restriction('blacklist', [...listed, ...countries]);
  const left = listed.filter((country) => !countries.includes(country));
  return left.length === 0 ? undefined : restriction('whitelist', left);
}

/** Whether somebody who is in this country comes in. */
export function letsIn({ type, countries }: Restriction, country: string): boolean {
  return type === 'none' || countries.includes(country) === (type === 'whitelist');
}

/** For people: `everybody`, `all but AQ, BV`, `AQ alone`. */
export function restrictionText({ type, countries }: Restriction): string {
  if (type === 'none') return 'everybody';
  return type === 'blacklist' ? `all but ${countries.join(', ')}` : `${countries.join(', ')} alone`;
}
