/** Names of block devices as one and the same instance knows them. Pure. */

/**
 * The name in the one spelling that names are compared in: `/dev/xvdf`, `xvdf`, `sdf` and `/dev/sdf` are `/dev/sdf`, since a
 * guest makes one device of them. What is no such name is left as it is.
 * Source: EC2 user guide, "Device names for volumes".
 */
export function deviceName(spelt: string): string {
  const [, letters] = /^(?:\/dev\/)?(?:sd|xvd)([a-z]{1,2}\d*)$/u.exec(spelt.trim()) ?? [];
  return letters === undefined ? spelt : `/dev/sd${letters}`;
}

/** The disk that a name stands for: a partition (`/dev/sda1`) occupies the whole of it. */
export function diskName(spelt: string): string {
  return deviceName(spelt).replace(/^(\/dev\/sd[a-z]{1,2})\d+$/u, '$1');
}
