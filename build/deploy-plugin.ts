/**
 * Plugin of the framework, named in `serverless.yml`. It refuses parameters that nobody reads, chooses the Region, says what a
 * person would want to know before pressing on, derives from parameters what no variable can, and looks after the tables.
 *
 * `${deploy:…}` in a YAML file is one of the values of `derive`, or `version`, that of the sources.
 */

import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  flawOfName,
  flawOfOption,
  flawOfValue,
  flawsOfCommandLine,
  NONE,
  PARAMETERS,
  vpcsOf,
} from './deploy-parameters.ts';
import { chooseRegion, profileRegions, type ChosenRegion } from './deploy-region.ts';
import { ownVersion } from './source-version.ts';
import { adoptWhatIsKept, protectLine, protectTables, tableNames } from './deploy-tables.ts';

/** Options of the command line. The framework reads `region` from here before anywhere else. */
interface Options {
  region?: string;
  readonly package?: string;
  readonly param?: readonly string[];
  readonly [name: string]: unknown;
}

/** Parameters by stage, as they stand in `serverless.yml`; resolved once commands run. */
type ParameterBlocks = { readonly [stage: string]: { readonly [name: string]: unknown } };

/** What of the framework is used here. */
export interface Framework {
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  readonly configurationInput: { readonly service: string; readonly params?: ParameterBlocks };
  readonly processedInput: { readonly commands: readonly string[]; readonly isHelpRequest: boolean };
  readonly pluginManager: { readonly plugins: readonly object[] };
  readonly service: { readonly provider: { deploymentMethod?: string; readonly [name: string]: unknown } };
  readonly extendConfiguration: (path: readonly string[], value: unknown) => void;
  readonly getProvider: (name: 'aws') => {
    readonly getStage: () => string;
    readonly getAwsSdkV3Config: () => Promise<DynamoDBClientConfig>;
  };
}

/** Where lines go: the framework's own log, on standard error. */
interface Writers {
  readonly log: {
    readonly notice: (line: string) => void;
    readonly warning: (line: string) => void;
  };
}

interface VariableRequest {
  readonly address: string | undefined;
  readonly resolveVariable: (variable: string) => Promise<unknown>;
}

/** Commands that ask AWS for nothing: they do without a Region. */
const OFFLINE = new Set(['package', 'print']);
/** Commands after which something is different in an account. */
const CHANGING = new Set(['deploy', 'deploy function', 'remove', 'rollback', 'rollback function']);

function vpcArn(vpc: string): object {
  return { 'Fn::Sub': `arn:\${AWS::Partition}:ec2:\${AWS::Region}:\${AWS::AccountId}:vpc/${vpc}` };
}

/** What the YAML files have as `${deploy:NAME}`. `null`: left out, where the file says `, null`. */
const DERIVED: { readonly [name: string]: { readonly from: string; readonly to: (value: string) => unknown } } = {
  vpcArns: { from: 'vpcId', to: (value) => vpcsOf(value).map(vpcArn) },
  reservedConcurrency: { from: 'reservedConcurrency', to: (value) => (value === NONE ? null : Number(value)) },
  dashboard: { from: 'dashboard', to: (value) => (value === 'yes' ? '${file(deploy/standard.js):dashboard}' : null) },
  people: { from: 'alertEmail', to: (value) => (value === NONE ? null : '${file(deploy/people.yml)}') },
};

/** The plugin. The framework makes one, awaits `asyncInit` before it resolves variables, and runs the hooks. */
export default class DeployPlugin {
  readonly hooks: { readonly [event: string]: () => void | Promise<void> };
  readonly configurationVariablesSources: object;
  readonly #framework: Framework;
  readonly #options: Options;
  readonly #log: Writers['log'];
  #region: ChosenRegion | undefined;

  constructor(framework: Framework, options: Options, { log }: Writers) {
    this.#framework = framework;
    this.#options = options;
    this.#log = log;
    this.configurationVariablesSources = {
      deploy: { resolve: async (request: VariableRequest) => ({ value: await this.#derive(request) }) },
    };
    this.hooks = {
      initialize: () => this.#begin(),
      'before:aws:deploy:deploy:updateStack': () => this.#adopt(),
      'after:deploy:deploy': () => this.#protect(),
    };
  }

  /** Before any variable is resolved: a slip of the pen is told as such, not as what it leads to. */
  async asyncInit(): Promise<void> {
    if (this.#framework.processedInput.isHelpRequest) return;
    this.#refuse(this.#flawsGiven());
    this.#refuse(this.#flawsOfValues());
    const chosen = chooseRegion({
      options: this.#options,
      environment: process.env,
      profiles: await profileRegions(),
    });
    if (typeof chosen === 'string') return this.#refuse([chosen]);
    if (chosen.source === undefined && !OFFLINE.has(this.#command))
      this.#refuse(['no Region is configured: give --region, set AWS_REGION, or set the Region of the profile']);
    this.#region = chosen;
    this.#framework.extendConfiguration(['provider', 'region'], chosen.region);
  }

  get #command(): string {
    return this.#framework.processedInput.commands.join(' ');
  }

  #refuse(flaws: readonly string[]): void {
    if (flaws.length > 0) throw new this.#framework.classes.Error(flaws.join('\n'), 'DEPLOY_PARAMETERS');
  }

  #flawsGiven(): string[] {
    const { param = [] } = this.#options;
    const blocks = this.#framework.configurationInput.params ?? {};
    const names = Object.entries(blocks).flatMap(([stage, block]) =>
      Object.keys(block).flatMap((name) => flawOfName(name, `serverless.yml: params.${stage}`) ?? []),
    );
    const options = Object.keys(this.#options).flatMap((option) => flawOfOption(option) ?? []);
    return [...names, ...options, ...flawsOfCommandLine(param), ...this.#flawsOfLateness()];
  }

  /** Parameters that come too late: the framework would take no notice of them. */
  #flawsOfLateness(): string[] {
    const { param = [], package: packaged } = this.#options;
    if (param.length === 0) return [];
    if (this.#command === 'rollback')
      return ['--param has no effect on a rollback, which brings back those of that deployment: leave it out'];
    if (this.#command !== 'deploy' || packaged === undefined) return [];
    return [`--param has no effect on what was packaged before: package ${packaged} again with it`];
  }

  /** The value that counts: of the command line (checked before), of the stage, or the default. */
  #parameter(name: string): string {
    const given = this.#options.param?.find((one) => one.startsWith(`${name}=`));
    if (given !== undefined) return given.slice(name.length + 1).trimEnd();
    const { params = {}, service } = this.#framework.configurationInput;
    const value = params[this.#stage]?.[name] ?? params['default']?.[name];
    // What the framework has not resolved yet when this is first asked.
    return String(value).replace('${self:service}', service).replace('${sls:stage}', this.#stage);
  }

  get #stage(): string {
    return this.#framework.getProvider('aws').getStage();
  }

  /** Of `serverless.yml`; what still holds a variable cannot be judged. */
  #flawsOfValues(): string[] {
    return PARAMETERS.flatMap(({ name }) => {
      const value = this.#parameter(name);
      const flaw = flawOfValue(name, value, `serverless.yml, stage ${this.#stage}`);
      return flaw === undefined || value.includes('${') ? [] : [flaw];
    });
  }

  async #derive({ address = '', resolveVariable }: VariableRequest): Promise<unknown> {
    if (address === 'version') return ownVersion();
    const derived = DERIVED[address];
    if (derived === undefined) throw new Error(`there is no \${deploy:${address}}; see build/deploy-plugin.ts`);
    return derived.to(String(await resolveVariable(`param:${derived.from}`)));
  }

  #begin(): void {
    // By now the framework has cleared what was put here earlier, and a package made elsewhere brings a Region of its own.
    if (this.#region !== undefined) this.#options.region = this.#region.region;
    if (CHANGING.has(this.#command) || this.#command === 'package') this.#tellRegion();
    const makesTemplate =
      this.#command === 'package' || (this.#command === 'deploy' && this.#options.package === undefined);
    if (!makesTemplate) return;
    // Once more: by now every variable in them has its value.
    this.#refuse(this.#flawsOfValues());
    this.#tellWhoHears();
  }

  #tellRegion(): void {
    const { region, source, others } = this.#region ?? { region: '', source: undefined, others: [] };
    if (source === undefined)
      return this.#log.notice('No Region is configured: the package fits every one, deploying it will need one.');
    const otherwise = others.length === 0 ? '' : `; ${others.join(', ')}`;
    this.#log.notice(`Region ${region}, from ${source}${otherwise}`);
  }

  #tellWhoHears(): void {
    const email = this.#parameter('alertEmail');
    const prefix = this.#parameter('prefix');
    if (email === NONE)
      this.#log.warning(
        `Nobody will hear of alarms and failed runs: give --param alertEmail=YOU@EXAMPLE.COM, or subscribe somebody to the topics ${prefix}-page, ${prefix}-look and ${prefix}-messages.`,
      );
    else
      this.#log.notice(
        `${email} will hear of alarms and failed runs, once the links in all three mails from AWS are clicked.`,
      );
  }

  /** What stands already is protected first: no rollback of what follows may take its records along. */
  async #adopt(): Promise<void> {
    await this.#withTables(protectTables);
    adoptWhatIsKept(this.#framework.pluginManager.plugins);
    this.#framework.service.provider.deploymentMethod = 'changesets';
  }

  /** The stack stands by now: what goes wrong here is said, with the line that does it by hand. */
  async #protect(): Promise<void> {
    await this.#withTables(async (client, names) => {
      try {
        const fresh = await protectTables(client, names);
        if (fresh.length > 0) this.#log.notice(`Protected from deletion: ${fresh.join(', ')}`);
      } catch (error) {
        const lines = names.map((name) => protectLine(name, this.#region?.region ?? ''));
        const because = error instanceof Error ? error.message : String(error);
        this.#log.warning(`The tables are not protected from deletion (${because}). By hand:\n${lines.join('\n')}`);
      }
    });
  }

  async #withTables(work: (client: DynamoDBClient, names: readonly string[]) => Promise<unknown>): Promise<void> {
    const names = tableNames(this.#framework.service.provider['compiledCloudFormationTemplate']);
    const client = new DynamoDBClient(await this.#framework.getProvider('aws').getAwsSdkV3Config());
    try {
      await work(client, names);
    } finally {
      client.destroy();
    }
  }
}
