/**
 * Security findings: GuardDuty's own, by EventBridge or as the SDK gives them, and those that Security Hub passes on in either of
 * its formats. Sources: GuardDuty user guide, "Processing findings with EventBridge"; Security Hub user guide, "EventBridge event
 * formats", of both versions. Here only the envelope is opened; what a finding says is read in `findings/`.
 *
 * The same finding comes more than once: again after minutes or hours while it goes on, to the administrator's account and to the
 * member's, from GuardDuty and from Security Hub. `Finding.id` is the same for all of them.
 */

import type { EventPattern, Trigger } from '../definition.ts';
import { BadInputError } from '../errors.ts';
import { canonical } from '../json.ts';
import { readAsff } from './findings/asff.ts';
import type { Finding, FindingForm, UnreadFinding } from './findings/finding.ts';
import { readGuardDuty } from './findings/guardduty.ts';
import { textOf } from './findings/members.ts';
import { readOcsf } from './findings/ocsf.ts';
import { badInput, sha256, type Field } from './reader.ts';
import type { DeliveryBase, DocumentReader } from './triggers.ts';

export interface FindingDelivery extends DeliveryBase {
  readonly kind: 'finding';
  /** Of the first finding. */
  readonly form: FindingForm;
  /** At least one. One that cannot be read among several is an `UnreadFinding`; alone it is bad input. */
  readonly findings: readonly (Finding | UnreadFinding)[];
  /** A person has chosen them in Security Hub CSPM, for the custom action of this name. Absent: they came by themselves. */
  readonly customAction?: string;
}

declare module './triggers.ts' {
  interface Deliveries {
    readonly finding: FindingDelivery;
  }
}

const READ = { guardduty: readGuardDuty, asff: readAsff, ocsf: readOcsf } as const;

/** The form of a document that no detail type tells of. */
function formOf(document: Field): FindingForm {
  if (document.has('finding_info')) return 'ocsf';
  return document.has('ProductArn') || document.has('AwsAccountId') ? 'asff' : 'guardduty';
}

/** A finding, together with what tells one delivery of it from the next. */
interface Told {
  readonly finding: Finding | UnreadFinding;
  readonly mark: string;
}

function readOne(document: Field, form: FindingForm): Told & { readonly finding: Finding } {
  const finding = READ[form](document);
  return { finding, mark: `${finding.id}:${finding.updatedAt ?? sha256(canonical(document.value))}` };
}

/** One of several: what is wrong with it is told beside the others. */
function readAmongOthers(document: Field, form: FindingForm): Told {
  try {
    return readOne(document, form);
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    const id = ['id', 'Id'].map((key) => document.peek(key)).find((value) => typeof value === 'string');
    const named = typeof id === 'string' ? { id: id.slice(-64) } : {};
    const finding = { form, ...named, problem: error.message, where: document.path };
    return { finding, mark: sha256(canonical(document.value)) };
  }
}

function deliveryOf(told: readonly Told[]): Pick<FindingDelivery, 'kind' | 'id' | 'form' | 'findings'> {
  const [first] = told;
  if (first === undefined) throw badInput('', 'no finding');
  const marks = told.map(({ mark }) => mark);
  const id = marks.length === 1 ? `finding:${first.mark}` : `findings:${sha256(marks.join(' '))}`;
  return { kind: 'finding', id, form: first.finding.form, findings: told.map(({ finding }) => finding) };
}

function readList(list: Field, formIn: (document: Field) => FindingForm): ReturnType<typeof deliveryOf> {
  const documents = list.list();
  const [first] = documents;
  if (first === undefined) throw badInput(list.path, 'expected at least one finding, found an empty list');
  if (documents.length === 1) return deliveryOf([readOne(first, formIn(first))]);
  return deliveryOf(documents.map((document) => readAmongOthers(document, formIn(document))));
}

/** When it was last seen to go on; the newest of several. A message without any happened when it was sent. */
function timeOf(findings: FindingDelivery['findings'], sentAt: string | undefined): { readonly at?: string } {
  const times = findings.flatMap((finding) => ('updatedAt' in finding ? (finding.updatedAt ?? []) : []));
  const at = times.toSorted().at(-1) ?? sentAt;
  return at === undefined ? {} : { at };
}

/**
 * A finding without EventBridge's frame, or several as `GetFindings` answers. The account it names is that of the resource, which an
 * administrator's account reads for its members: it does not say where the message belongs, so the delivery has none.
 */
function readMessage(document: Field, sentAt: string | undefined): FindingDelivery {
  const delivery = document.has('Findings')
    ? readList(document.get('Findings'), formOf)
    : deliveryOf([readOne(document, formOf(document))]);
  return { ...delivery, ...timeOf(delivery.findings, sentAt) };
}

const GUARDDUTY: DocumentReader = {
  event: {
    pattern: { source: ['aws.guardduty'], 'detail-type': ['GuardDuty Finding'] },
    read: ({ detail, frame }): FindingDelivery => ({ ...deliveryOf([readOne(detail, 'guardduty')]), ...frame }),
  },
  message: {
    called: 'a GuardDuty finding',
    keys: ['Findings', 'SchemaVersion', 'Resource', 'schemaVersion'],
    read: readMessage,
  },
};

function securityHub(detailType: string, form: FindingForm): DocumentReader {
  return {
    event: {
      pattern: { source: ['aws.securityhub'], 'detail-type': [detailType] },
      read: ({ detail, frame }): FindingDelivery => ({ ...readList(detail.get('findings'), () => form), ...frame }),
    },
  };
}

/** Findings that a person has chosen in the console: one to an event, as those that are imported. */
const CHOSEN: DocumentReader = {
  event: {
    pattern: { source: ['aws.securityhub'], 'detail-type': ['Security Hub Findings - Custom Action'] },
    read: ({ detail, frame }): FindingDelivery => ({
      ...readList(detail.get('findings'), () => 'asff'),
      ...frame,
      customAction: textOf(detail, 'actionName') ?? 'a custom action',
    }),
  },
};

const SOURCES = [
  { name: 'guardduty-finding', form: 'guardduty', isChosen: false, reads: GUARDDUTY },
  {
    name: 'security-hub-finding',
    form: 'asff',
    isChosen: false,
    reads: securityHub('Security Hub Findings - Imported', 'asff'),
  },
  {
    name: 'security-hub-finding-v2',
    form: 'ocsf',
    isChosen: false,
    reads: securityHub('Findings Imported V2', 'ocsf'),
  },
  { name: 'security-hub-action', form: 'asff', isChosen: true, reads: CHOSEN },
] as const;

/**
 * One trigger, and so one EventBridge rule, for each source of findings: GuardDuty, Security Hub in its two formats, and whoever chooses
 * some by hand there.
 */
export function onFinding<Request>(
  toRequest: (delivery: FindingDelivery) => Request | undefined,
): readonly Trigger<Request>[] {
  return SOURCES.map(({ name, form, isChosen, reads }) => ({
    name,
    reads,
    ...patternOf(reads),
    request: (delivery) => {
      if (delivery.kind !== 'finding' || delivery.form !== form) return undefined;
      return (delivery.customAction !== undefined) === isChosen ? toRequest(delivery) : undefined;
    },
  }));
}

function patternOf({ event }: DocumentReader): { readonly pattern?: EventPattern } {
  return event === undefined ? {} : { pattern: event.pattern };
}
