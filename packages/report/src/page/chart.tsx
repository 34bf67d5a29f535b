import { BarChart, LineChart } from 'echarts/charts';
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'preact/hooks';

use([
  BarChart,
  LineChart,
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  SVGRenderer,
]);

/** The colours of a chart, from the style of the page, which knows light and dark. */
export interface ChartColours {
  readonly text: string;
  readonly line: string;
  readonly series: readonly string[];
}

/** A chart in SVG. `label` says what it shows, for people who do not see it; the view has the same figures as text. */
export function Chart({
  label,
  option,
  height = 300,
}: {
  readonly label: string;
  readonly option: (colours: ChartColours) => EChartsCoreOption;
  readonly height?: number;
}) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const chart = init(element, undefined, { renderer: 'svg' });
    const draw = () => chart.setOption({ animation: false, ...option(coloursOf(element)) }, true);
    draw();
    const sizes = new ResizeObserver(() => chart.resize());
    sizes.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => {
      sizes.disconnect();
      dark.removeEventListener('change', draw);
      chart.dispose();
    };
  }, [option]);
  return <div class="chart" role="img" aria-label={label} style={{ height: `${height}px` }} ref={place} />;
}

function coloursOf(element: Element): ChartColours {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: colour('--text'),
    line: colour('--line'),
    series: ['--series-1', '--series-2', '--series-3', '--series-4'].map(colour),
  };
}

/** Axes and a grid over time, which every chart of this page shares. */
export function timeAxes({ text, line }: ChartColours, unit: string): EChartsCoreOption {
  const axis = { axisLabel: { color: text }, axisLine: { lineStyle: { color: line } } };
  return {
    useUTC: true,
    textStyle: { color: text },
    grid: { left: 64, right: 24, top: 40, bottom: 72 },
    tooltip: { trigger: 'axis', confine: true },
    legend: { textStyle: { color: text }, top: 0 },
    dataZoom: [
      { type: 'slider', bottom: 8, textStyle: { color: text } },
      { type: 'inside', zoomOnMouseWheel: 'ctrl' },
    ],
    xAxis: { type: 'time', ...axis },
    yAxis: { type: 'value', name: unit, min: 0, ...axis, splitLine: { lineStyle: { color: line } } },
  };
}

/** Axes and a grid over categories; `isRanking` writes the categories beside horizontal bars, the first one on top. */
export function categoryAxes(
  { text, line }: ChartColours,
  { categories, unit, isRanking }: { readonly categories: readonly string[]; unit: string; isRanking: boolean },
): EChartsCoreOption {
  const axis = { axisLabel: { color: text, hideOverlap: true }, axisLine: { lineStyle: { color: line } } };
  const names = {
    type: 'category',
    data: categories,
    ...axis,
    axisLabel: { color: text, ...(isRanking && { width: 150, overflow: 'truncate', interval: 0 }) },
  };
  const values = {
    type: 'value',
    name: unit,
    nameTextStyle: { color: text },
    ...axis,
    splitLine: { lineStyle: { color: line } },
  };
  return {
    textStyle: { color: text },
    grid: { left: 8, right: 24, top: 32, bottom: 8, outerBoundsMode: 'same' },
    tooltip: { trigger: 'axis', confine: true, axisPointer: { type: isRanking ? 'shadow' : 'line' } },
    legend: { textStyle: { color: text }, top: 0, type: 'scroll' },
    xAxis: isRanking ? { ...values, nameLocation: 'middle', nameGap: 28 } : names,
    yAxis: isRanking ? { ...names, inverse: true } : values,
  };
}
