import type { ReportData } from '../../report-data.ts';

/** What every view gets. */
export interface ViewProps {
  readonly data: ReportData;
  readonly isLive: boolean;
}
