/** Which Region a command of the framework goes to, and who said so. */

import { loadSharedConfigFiles } from '@smithy/core/config';

/** A Region and where it was read; `source` undefined: nothing is configured, and `region` only serves to package. */
export interface ChosenRegion {
  readonly region: string;
  readonly source: string | undefined;
  /** Other places that name another Region, each as `AWS_DEFAULT_REGION says us-east-1`. */
  readonly others: readonly string[];
}

/** What Regions are read from. */
export interface RegionPlaces {
  /** Options of the command line: `region`, `stage`, `aws-profile`. */
  readonly options: { readonly [name: string]: unknown };
  readonly environment: { readonly [name: string]: string | undefined };
  /** Regions by profile, from the shared files. */
  readonly profiles: { readonly [profile: string]: string };
}

/** Nothing in a package depends on it: the template names its Region as `AWS::Region`. */
const FOR_PACKAGING = 'eu-west-1';
/** `eu-west-1`, `us-gov-east-1`, `us-isob-east-1`, `eusc-de-east-1`: what AWS's own partition data matches. */
const REGION = /^[a-z]{2,4}(?:-[a-z]+){1,2}-\d{1,2}$/u;

function word(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** The profile whose credentials the framework takes, in its own order. */
export function profileOf({ options, environment }: Pick<RegionPlaces, 'options' | 'environment'>): string {
  const stage = (word(options['stage']) || 'dev').toUpperCase();
  return (
    word(options['aws-profile']) ||
    word(environment[`AWS_${stage}_PROFILE`]) ||
    word(environment['AWS_PROFILE']) ||
    word(environment['AWS_DEFAULT_PROFILE']) ||
    'default'
  );
}

/**
 * Chooses as AWS's own tools do: the command line, the environment, the profile. The first that names one counts.
 * @returns the Region; for a Region that cannot be one, a text that says which place it stands in
 */
export function chooseRegion(places: RegionPlaces): ChosenRegion | string {
  const { options, environment, profiles } = places;
  const profile = profileOf(places);
  const named = [
    { source: '--region', region: word(options['region']) },
    { source: 'AWS_REGION', region: word(environment['AWS_REGION']) },
    { source: 'AWS_DEFAULT_REGION', region: word(environment['AWS_DEFAULT_REGION']) },
    { source: `the profile ${profile}`, region: word(profiles[profile]) },
  ].filter(({ region }) => region !== '');
  const [first, ...rest] = named;
  if (first === undefined) return { region: FOR_PACKAGING, source: undefined, others: [] };
  if (!REGION.test(first.region)) return `${first.source}: "${first.region}" is no Region; expected one like eu-west-1`;
  const others = rest
    .filter(({ region }) => region !== first.region)
    .map(({ source, region }) => `${source} says ${region}`);
  return { ...first, others };
}

/** Regions of the profiles in AWS's shared files (`AWS_CONFIG_FILE`, `AWS_SHARED_CREDENTIALS_FILE`); no file, no profile. */
export async function profileRegions(): Promise<{ readonly [profile: string]: string }> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const regions = [configFile, credentialsFile].flatMap((file) =>
    Object.entries(file).flatMap(([profile, { region }]) =>
      word(region) === '' ? [] : [[profile, word(region)] as const],
    ),
  );
  return Object.fromEntries(regions);
}
