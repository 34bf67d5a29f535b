/** Where an operator finds an object that a lake has lost, or whose bytes were changed: the end of a remedy. */
export const FROM_BACKUP = '(in a bucket from an old version, in a folder from a backup)';
