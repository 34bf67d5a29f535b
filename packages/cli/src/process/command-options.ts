/**
 * The values of a command's options by their names in camel case. An option without a value is true; one that takes
 * several values, or may be repeated, has all of them.
 */
export type CommandOptions = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
