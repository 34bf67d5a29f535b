/** The code version in the manifests that the command writes. */
export const CODE_VERSION = 'totesys 1.0.0';
