import { BarChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TitleComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { plotFreshness } from './plot-freshness.ts';
import { renderPlot } from './render-plot.ts';
import type { BenchResult, Measure } from './result.ts';

use([BarChart, GridComponent, MarkLineComponent, TitleComponent]);

/** The height of one bar with its gap, and of everything around the bars: pixels. */
const BAR = 30;
const FRAME = 110;
const COLOURS = { time: '#2f6f9f', memory: '#9f6f2f' } as const;

/**
 * Returns the result as SVG: the time of each measure as a multiple of its floor on the left, and its peak memory on
 * the right. Freshness has a plot of its own.
 */
export function plotResult(result: BenchResult): string {
  if (result.kind === 'freshness') return plotFreshness(result);
  const measures = result.measures.filter(({ ratio }) => ratio !== undefined).reverse();
  return renderPlot(FRAME + BAR * Math.max(1, measures.length), options(result, measures));
}

function options(result: BenchResult, measures: readonly Measure[]) {
  const names = measures.map(({ group, name }) => `${group}: ${name}`);
  const axis = { axisLabel: { fontSize: 11 }, splitLine: { lineStyle: { color: '#ddd' } } };
  return {
    title: [
      title(`${result.rows.toLocaleString('en')} rows: seconds, × floor (line: the floor)`, 300),
      title('peak RSS, MB', 700),
    ],
    grid: [
      { left: 290, width: 370, top: 60, bottom: 40 },
      { left: 690, width: 230, top: 60, bottom: 40 },
    ],
    xAxis: [
      { type: 'value', gridIndex: 0, min: 0, ...axis },
      { type: 'value', gridIndex: 1, min: 0, ...axis },
    ],
    yAxis: [
      { type: 'category', gridIndex: 0, data: names, axisTick: { show: false }, axisLabel: { fontSize: 11 } },
      { type: 'category', gridIndex: 1, data: names, axisTick: { show: false }, axisLabel: { show: false } },
    ],
    series: [
      {
        ...bars(
          0,
          COLOURS.time,
          measures.map(({ ratio }) => round(ratio?.median, 2)),
        ),
        markLine: { symbol: 'none', label: { show: false }, lineStyle: { color: '#c00' }, data: [{ xAxis: 1 }] },
      },
      bars(
        1,
        COLOURS.memory,
        measures.map(({ peakMegabytes }) => round(peakMegabytes?.most, 0)),
      ),
    ],
  };
}

const title = (text: string, left: number) => ({ text, left, top: 20, textStyle: { fontSize: 13 } });

function bars(at: number, color: string, data: readonly (number | null)[]) {
  return {
    type: 'bar',
    xAxisIndex: at,
    yAxisIndex: at,
    data: [...data],
    itemStyle: { color },
    label: { show: true, position: 'right', fontSize: 11 },
  };
}

// A missing value leaves its place empty.
function round(value: number | undefined, digits: number): number | null {
  return value === undefined ? null : Number(value.toFixed(digits));
}
