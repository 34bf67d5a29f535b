/** What manifests written by the command name as the code that wrote them. */
export const CODE_VERSION = 'totesys 1.0.0';
