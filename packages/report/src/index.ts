export * from './batch-times.ts';
export { type PageFiles, renderReport } from './render-report.ts';
export type * from './report-data.ts';
