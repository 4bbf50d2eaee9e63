/** Builders of facts about a host. */

import { commentOf } from '../../../functions/deny-networks/decide.ts';
import { givenIn } from '../../../functions/deny-networks/decide/host-content.ts';
import type { Host, HostCommand, HostFacts } from '../../../functions/deny-networks/decide/host.ts';
import { forNetworks } from '../../../shared/judgement/blocklist/wanted.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import { later, note, wishes } from '../../shared/judgement/blocklist/ledger-facts.ts';

export const HOST_ARN = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a17c4e9b2d58f306';

/** What may be said of the facts: of the ledger, of the host, of what it was given, and of what came of that. */
export interface HostScene extends Partial<Wishes> {
  readonly host?: Partial<Host> | null;
  readonly mine?: readonly string[];
  readonly commands?: readonly Partial<HostCommand>[];
}

/** The comment of the command that a note is about. */
function commentFor(mine: readonly string[]): string {
  return commentOf(givenIn(note({ mine, version: 1 })));
}

/** A host that is up since yesterday, and was given nothing. */
export function hostFacts({ host = {}, mine = [], commands = [], ...wished }: HostScene = {}): HostFacts {
  const standing = {
    id: 'i-0a17c4e9b2d58f306',
    name: 'bastion',
    blocklist: 'edge',
    state: 'running',
    launchedAt: later(-86_400),
    platform: 'Linux',
    agent: 'Online',
  };
  const sent = { comment: commentFor(mine), status: 'Success', requestedAt: later(-10), said: '' };
  return {
    kind: 'host',
    history: 'unread',
    arn: HOST_ARN,
    host: host === null ? null : { ...standing, ...host },
    document: 'runbook-deny-networks',
    published: note({ mine, version: mine.length === 0 ? 0 : 1 }),
    commands: commands.map((each) => ({ ...sent, ...each })),
    wishes: forNetworks(wishes(wished)),
  };
}
