/** Settings that people write as tags: each is read, or named as the problem it is. Pure. */

/** Reads the tags of one resource. */
export interface SettingsReader {
  /** One line per tag that cannot be read: resource, tag, value, what it should be. */
  readonly problems: string[];
  /** The tag's value, `absent` where there is none or it cannot be read. `parse` gives `undefined` for what it cannot read. */
  readonly read: <T>(key: string, absent: T, parse: (text: string) => T | undefined, form: string) => T;
}

/** A reader of the tags of resource `id`. */
export function settingsReader(id: string, tags: ReadonlyMap<string, string>): SettingsReader {
  const problems: string[] = [];
  return {
    problems,
    read: (key, absent, parse, form) => {
      const text = tags.get(key);
      const value = text === undefined ? absent : parse(text.trim());
      if (value === undefined) problems.push(`${id}: tag ${key}: '${text}' is not ${form}`);
      return value ?? absent;
    },
  };
}

/** A whole number of at most six digits. */
export function wholeNumber(text: string): number | undefined {
  return /^\d{1,6}$/u.test(text) ? Number(text) : undefined;
}

/** A time, as it was written. */
export function time(text: string): string | undefined {
  return Number.isNaN(Date.parse(text)) ? undefined : text;
}
