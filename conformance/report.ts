/** Turns a run into `docs/conformance.md`. */

import type { Difference, Verdict } from './compare.ts';
import type { ElasticMqRun } from './elasticmq/run.ts';
import { COMPLETIONS } from './gateway.ts';
import { MOTO_ENDS } from './handler-drills.ts';
import type { HandlerRun } from './handlers.ts';
import { explains, type Known, type Right } from './known/known.ts';
import { elasticMqDifferences } from './known/elasticmq.ts';
import { recordedDifferences } from './known/recorded.ts';
import type { ContractTest } from './ledger.ts';
import { faultsOfRedrive } from './elasticmq/redrive-through-faults.ts';
import type { Recorded } from './recording/recorded.ts';

/** Everything that a run found. */
export interface Run {
  readonly version: string;
  readonly scenarios: number;
  readonly verdicts: readonly Verdict[];
  readonly known: readonly Known[];
  readonly contract: readonly ContractTest[];
  readonly handlers: readonly HandlerRun[];
  readonly queues: ElasticMqRun;
  readonly recorded: Recorded;
}

/** Whose answers ours are held against. */
type Emulator = 'moto' | 'ElasticMQ' | 'AWS';

/** Lines of the page that may differ between runs that agree. */
export const VERSION_LINE = /^Compared with (?:moto|ElasticMQ) .*$/gmu;

function knownOf(difference: Difference, known: readonly Known[]): Known | undefined {
  return known.find((entry) => explains(entry, difference));
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The same difference in several scenarios is one. */
function distinct(differences: readonly Difference[]): readonly Difference[] {
  return [
    ...new Map(
      differences.map((difference) => [
        `${difference.where}\n${difference.simulator}\n${difference.emulator}`,
        difference,
      ]),
    ).values(),
  ];
}

const SIDES: readonly Right[] = ['simulator', 'emulator', 'both allowed'];

/** What a person reads of one operation or one run: `agrees`, `differs: …`, `moto lacks it`. */
export function resultOf(
  verdict: Pick<Verdict, 'lacking' | 'differences'>,
  known: readonly Known[],
  emulator: Emulator = 'moto',
): string {
  if (verdict.lacking) return `${emulator} lacks it`;
  if (verdict.differences.length === 0) return 'agrees';
  const rights = distinct(verdict.differences).map((difference) => knownOf(difference, known)?.right);
  const told = SIDES.flatMap((side) => {
    const count = rights.filter((right) => right === side).length;
    return count === 0 ? [] : [side === 'both allowed' ? `${count} allowed both ways` : `${side} right in ${count}`];
  });
  const open = rights.filter((right) => right === undefined).length;
  return `differs: ${[...told, ...(open === 0 ? [] : [`${open} unexplained`])].join(', ')}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function code(text: string): string {
  const short = text.length > 200 ? `${text.slice(0, 197)}…` : text;
  return `\`${short.replaceAll('`', "'")}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
}

/** One entry of the table of known differences, with everything it explains of one operation. */
function explained(entry: Known, differences: readonly Difference[], name: Emulator): string {
  const lines = distinct(differences).map(
    ({ where, simulator, emulator }) => `  - ${code(where)}: simulator ${code(simulator)}, ${name} ${code(emulator)}`,
  );
  return [`- **${entry.right}** — ${entry.because} ([source](${entry.source}))`, ...lines].join('\n');
}

function differencesOf(
  { operation, differences }: Pick<Verdict, 'operation' | 'differences'>,
  known: readonly Known[],
  name: Emulator = 'moto',
): string {
  const blocks = known.flatMap((entry) => {
    const own = differences.filter((difference) => knownOf(difference, known) === entry);
    return own.length === 0 ? [] : [explained(entry, own, name)];
  });
  const open = differences.filter((difference) => knownOf(difference, known) === undefined);
  const lines = open.map(
    ({ where, simulator, emulator }) =>
      `- **unexplained**: ${code(where)}: simulator ${code(simulator)}, ${name} ${code(emulator)}`,
  );
  return [
    `### ${operation === 'fact' ? 'What several answers show together' : operation}`,
    '',
    ...blocks,
    ...lines,
  ].join('\n');
}

function operations({ verdicts, known }: Pick<Run, 'verdicts' | 'known'>, name: Emulator = 'moto'): string {
  const rows = verdicts
    .filter(({ operation }) => operation !== 'fact')
    .map((verdict) => [`\`${verdict.operation}\``, String(verdict.calls), resultOf(verdict, known, name)]);
  return table(['operation', 'calls compared', 'result'], rows);
}

function unmodelled({ verdicts }: Run): string {
  const rows = verdicts.flatMap(({ operation, unmodelled: members }) =>
    members.length === 0 ? [] : [[`\`${operation}\``, members.map((member) => `\`${member}\``).join(', ')]],
  );
  return table(['operation', 'members'], rows);
}

/** What a person reads of one run. */
export function endResultOf({ differences }: HandlerRun, known: readonly Known[]): string {
  return resultOf({ lacking: false, differences }, known);
}

/** Each once, by name: some are sent side by side. */
function writesOf({ writes }: HandlerRun): string {
  const names = [...new Set(writes)].toSorted();
  return names.map((name) => `\`${name}\``).join(', ') || 'none';
}

function handlers({ handlers: runs, known }: Run): string {
  const rows = runs.map((run) => [
    `\`${run.drill.runbook}\``,
    run.drill.name,
    run.way,
    run.outcome,
    endResultOf(run, known),
    writesOf(run),
  ]);
  return table(['runbook', 'incident', 'way', 'outcome', 'against the simulator', 'writes sent'], rows);
}

function handlerDifferences({ handlers: runs, known }: Run): string {
  const runbooks = new Set(runs.map(({ drill }) => drill.runbook));
  return [...runbooks]
    .map((operation) => ({
      operation,
      differences: runs.filter(({ drill }) => drill.runbook === operation).flatMap(({ differences }) => differences),
    }))
    .filter(({ differences }) => differences.length > 0)
    .map((verdict) => differencesOf(verdict, known))
    .join('\n\n');
}

function unexplainedIn(differences: readonly Difference[], known: readonly Known[], name: Emulator): readonly string[] {
  const unexplained = differences
    .filter((difference) => knownOf(difference, known) === undefined)
    .map(
      ({ operation, where, simulator, emulator, scenario }) =>
        `unexplained: ${operation} ${where}: simulator ${simulator}, ${name} ${emulator} (${scenario})`,
    );
  const idle = known
    .filter((entry) => differences.every((difference) => knownOf(difference, known) !== entry))
    .map(
      ({ operation, where, simulator = 'anything' }) =>
        `known difference that shows no more: ${operation} ${where.join(', ')}, simulator ${simulator}`,
    );
  return [...unexplained, ...idle];
}

/** What is wrong with what was found on ElasticMQ, a line each; empty: nothing. */
export function faultsOfQueues({ verdicts, redrives }: ElasticMqRun): readonly string[] {
  const differences = verdicts.flatMap((each) => each.differences);
  return [...unexplainedIn(differences, elasticMqDifferences, 'ElasticMQ'), ...redrives.flatMap(faultsOfRedrive)];
}

/** What is wrong with a run, a line each; empty: nothing. */
export function faultsOf({
  verdicts,
  known,
  contract,
  handlers: runs,
}: Omit<Run, 'queues' | 'recorded'>): readonly string[] {
  const differences = [...verdicts, ...runs].flatMap((each) => each.differences);
  const broken = contract.flatMap(({ title, failure }) =>
    failure === undefined ? [] : [`ledger contract: ${title}: ${failure}`],
  );
  const straight = runs
    .filter(
      ({ drill, way, invocations }) =>
        drill.busyOnce !== undefined &&
        way === 'Lambda handler with the ledger' &&
        invocations.every((count) => count === 1),
    )
    .map(({ drill }) => `${drill.runbook}: ${drill.name}: no execution was suspended`);
  return [...unexplainedIn(differences, known, 'moto'), ...broken, ...straight];
}

/** What is wrong with the simulator by AWS's own answers, a line each; empty: nothing. */
export function faultsOfRecordings({ verdicts, orphans }: Recorded): readonly string[] {
  const differences = verdicts.flatMap((each) => each.differences);
  const lost = orphans.map((scenario) => `conformance/recorded has a recording of no scenario: ${scenario}`);
  return [...unexplainedIn(differences, recordedDifferences, 'AWS'), ...lost];
}

function recordings({ recordings: count, verdicts, proved }: Recorded): string {
  const known = recordedDifferences;
  const intro = `## Recordings from AWS

\`npm run conformance -- --aws\` plays the scenarios that can be played there in a sandbox account, and writes AWS's own answers, with names for ids, to \`conformance/recorded\`. The
simulator is held against them as it is against moto. An operation whose every recorded answer agrees is \`recorded\`, and so is a behaviour that was assumed and is a refusal of AWS's too.`;
  if (count === 0) return `${intro}\n\nThere are no recordings yet: nothing on this page was compared with AWS itself.`;
  return `${intro}

${plural(count, 'scenario')} ${count === 1 ? 'is' : 'are'} recorded.

${operations({ verdicts, known }, 'AWS')}

What they prove: ${proved.map((one) => `\`${one}\``).join(', ') || 'nothing whole'}.

${verdicts
  .filter(({ differences }) => differences.length > 0)
  .map((verdict) => differencesOf(verdict, known, 'AWS'))
  .join('\n\n')}`;
}

function queues({ version, scenarios, verdicts, redrives }: ElasticMqRun): string {
  const known = elasticMqDifferences;
  const letters = redrives.reduce((sum, redrive) => sum + redrive.letters, 0);
  return `## Queues on ElasticMQ

Moto has no message move tasks. [ElasticMQ](https://github.com/softwaremill/elasticmq) has, and is SQS as others wrote it again: ${plural(scenarios, 'scenario')} about queues are
played there in the same way.

Compared with ElasticMQ ${version}.

${operations({ verdicts, known }, 'ElasticMQ')}

${verdicts
  .filter(({ differences }) => differences.length > 0)
  .map((verdict) => differencesOf(verdict, known, 'ElasticMQ'))
  .join('\n\n')}

### A redrive through faults

The bundle of \`redrive-dead-letters\` that is deployed, run as Lambda runs it, as a durable execution with the ledger in a DynamoDB, brings ${letters} letters back on ElasticMQ in
${plural(redrives.length, 'run')}. It speaks to ElasticMQ through a relay of ours, which by a seed has entries of SendMessageBatch and DeleteMessageBatch \`Failed\`, does what is asked and loses the
reply, or kills the connection before anything is done. Then every letter is looked for: none is lost, and none is there twice that the run did not tell of.
ElasticMQ refuses a deletion that is asked for again because the reply was lost (\`ReceiptHandleIsInvalid\`), so that a run there may end as \`not-deleted\`.`;
}

/** The page. */
export function page(run: Run): string {
  const { verdicts, known, contract, version, scenarios } = run;
  const compared = verdicts.reduce((sum, { calls }) => sum + calls, 0);
  const lacking = verdicts.filter((verdict) => verdict.lacking).map(({ operation }) => `\`${operation}\``);
  const held = contract.filter(({ failure }) => failure === undefined).length;
  return `# Conformance

<!-- Written by \`npm run conformance -- --write\`. Edit conformance/, not this page. -->

The simulator that tests and drills run on was written here, so that on its own it proves that we agree with ourselves. This page
holds it against [moto](https://docs.getmoto.org/), an AWS emulator that others wrote: ${plural(scenarios, 'scenario')} of plain SDK calls are played in
the simulator and, over HTTP, against moto's server, and every answer is compared: its members and their values, the names of its
errors, the state afterwards. Ids, addresses and times become names first. ${plural(compared, 'answer')} were compared.

Where the two differ, the table says who does as AWS does, and where that is documented. A difference without an entry fails the
run; so does an entry that shows no more.

Compared with moto ${version}.

## Operations

${operations(run)}

${lacking.length === 0 ? 'Moto has every operation that is simulated.' : `Moto does not have ${lacking.join(' and ')}: only the simulator's own tests hold there.`}
A crash of moto on a request counts as an answer: \`emulator crashed\`. Services that no runbook calls yet are not simulated and so not compared.

## Differences

${verdicts
  .filter(({ differences }) => differences.length > 0)
  .map((verdict) => differencesOf(verdict, known))
  .join('\n\n')}

## Members that only moto answers with

A simulated world holds what its file says and what the runbooks need; these members of moto's answers to reads are in neither.

${unmodelled(run)}

## Ledger

The contract of every ledger (\`tests/shared/kernel/ledger/ledger-contract.ts\`) on moto's DynamoDB, through \`shared/kernel/ledger/dynamodb.ts\`: ${held === contract.length ? 'all tests hold' : `${held} of ${contract.length} tests hold`}.
Moto checks a condition and writes in two steps, so that it gets one request at a time here; what many requests at once do, \`npm test\` proves on another server.

## Handlers over HTTP

The bundles that are deployed, run against moto in three ways: by the command's \`handle\` with \`--aws\`, which plans; by the same with \`--apply --unsafe-no-ledger\`; and
as Lambda invokes them, with the ledger in moto's DynamoDB. The simulator plays the same incident with the sources. Outcomes and their codes, plans call by
call, and the final state are compared: addresses, instances, data volumes with their attachments, snapshots, and the tags of all.

The command hosts every runbook on the plain host. As Lambda invokes it, a durable one runs as a durable execution: its checkpoints go over HTTP, with the client
in the bundle, to a service of ours that keeps them as the simulator does. Each invocation is a process of its own, so that only the checkpoints lead from one
to the next; and EC2 refuses one request of each such run as too fast (\`RequestLimitExceeded\`), so that the execution suspends and another process goes on.

${handlers(run)}

Moto leaves out what a runbook refuses to judge without. It is added on the way: ${COMPLETIONS.map(({ operation, adds }) => `\`${adds}\` of ${operation}`).join(', ')}.

${Object.entries(MOTO_ENDS)
  .map(([name, why]) => `- \`${name}\`: ${why}.`)
  .join('\n')}

${handlerDifferences(run)}

${queues(run.queues)}

${recordings(run.recorded).trimEnd()}
`;
}
