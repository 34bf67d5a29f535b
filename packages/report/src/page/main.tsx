import { render } from 'preact';
import type { ReportData } from '../report-data.ts';
import { Report } from './report.tsx';

const text = document.getElementById('data')?.textContent ?? '';
const data = JSON.parse(text) as ReportData;
const isLive = document.documentElement.hasAttribute('data-live');

render(<Report first={data} isLive={isLive} />, document.getElementById('report')!);
