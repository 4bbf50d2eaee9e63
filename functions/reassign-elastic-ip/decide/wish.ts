/** The tag `runbook:interface`: which private address of an instance an Elastic IP is to be on. Pure. */

/** What the tag asks for; `null` for what it leaves open. */
export type Wish = {
  /** Device index of the interface: 1 is eth1. */
  readonly deviceIndex: number | null;
  readonly isPrimary: boolean | null;
};

/** How the tag may be written. */
export const WISH_FORM = 'like eth1, device:1, primary or secondary';

/** Reads `eth1`, `device:1`, `primary` or `secondary`; `undefined` for anything else. Devices have one or two digits: no instance takes a hundred interfaces. */
export function parseWish(text: string): Wish | undefined {
  if (text === 'primary' || text === 'secondary') return { deviceIndex: null, isPrimary: text === 'primary' };
  const [, device] = /^(?:eth|device:)(\d{1,2})$/u.exec(text) ?? [];
  return device === undefined ? undefined : { deviceIndex: Number(device), isPrimary: null };
}
