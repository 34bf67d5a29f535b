/** The exit codes of every command; scripts may rely on them. `due` is that of `plan --detailed-exitcode`. */
export const ExitCode = { done: 0, wrong: 1, usage: 2, due: 3, interrupted: 130 } as const;
