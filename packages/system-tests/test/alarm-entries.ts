/** Returns the alarms that the runbook has an entry for; `*` in an alarm is a stage. */
export function alarmEntries(runbook: string): string[] {
  const section = runbook.split('\n## ').find((each) => each.startsWith('Alarms\n')) ?? '';
  return [...section.matchAll(/^### `([a-z*-]+)`$/gm)].map(([, entry]) => entry!);
}
