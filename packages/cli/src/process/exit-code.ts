/** The exit codes of every command; scripts may rely on them. */
export const ExitCode = { done: 0, wrong: 1, usage: 2, interrupted: 130 } as const;
