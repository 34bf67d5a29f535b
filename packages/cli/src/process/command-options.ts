/** The values of a command's options by their names in camel case; an option without a value is true. */
export type CommandOptions = Readonly<Record<string, string | boolean | undefined>>;
