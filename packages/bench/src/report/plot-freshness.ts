import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { perThousand } from './freshness-cells.ts';
import { renderPlot } from './render-plot.ts';
import type { BenchResult } from './result.ts';

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent]);

const HEIGHT = 380;
const PALETTE = ['#2f6f9f', '#3f9f6f', '#9f6f2f', '#7f4f9f'];

/** Returns the freshness as SVG: p99 over the time of the run on the left, CPU time on the right. */
export function plotFreshness({ measures, operations }: BenchResult): string {
  const followed = measures.filter(({ freshness }) => freshness !== undefined);
  const title = (text: string, left: number) => ({ text, left, top: 10, textStyle: { fontSize: 13 } });
  const axis = { nameLocation: 'middle', axisLabel: { fontSize: 11 }, splitLine: { lineStyle: { color: '#ddd' } } };
  return renderPlot(HEIGHT, {
    color: PALETTE,
    title: [
      title(`p99 from commit to arrival, s (${operations?.perSecond ?? 0} operations a second)`, 40),
      title('CPU of the client, s per 1,000 changes', 650),
    ],
    legend: { top: 36, left: 40, data: followed.map(({ name }) => name) },
    grid: [
      { left: 60, width: 530, top: 80, bottom: 50 },
      { left: 680, width: 220, top: 80, bottom: 50 },
    ],
    xAxis: [
      { type: 'value', gridIndex: 0, name: 'seconds since the first operation', nameGap: 28, ...axis },
      { type: 'category', gridIndex: 1, data: ['CPU'], axisLabel: { show: false } },
    ],
    yAxis: [
      { type: 'log', gridIndex: 0, ...axis },
      { type: 'value', gridIndex: 1, min: 0, ...axis },
    ],
    series: followed.flatMap((measure) => [
      {
        type: 'line',
        name: measure.name,
        xAxisIndex: 0,
        yAxisIndex: 0,
        showSymbol: false,
        data: measure.freshness!.overTime.map(({ second, p99 }) => [round(second, 0), round(p99, 3)]),
      },
      {
        type: 'bar',
        name: measure.name,
        xAxisIndex: 1,
        yAxisIndex: 1,
        label: { show: true, position: 'top', fontSize: 11 },
        data: [round(perThousand(measure, 'clientCpuSeconds') ?? Number.NaN, 2)],
      },
    ]),
  });
}

// A missing value leaves its place empty.
const round = (value: number, digits: number) => (Number.isNaN(value) ? null : Number(value.toFixed(digits)));
