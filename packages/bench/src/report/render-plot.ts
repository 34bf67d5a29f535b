import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([SVGRenderer]);

/** The width of a plot: pixels. */
const WIDTH = 960;

/** Draws options of echarts as SVG; `height` is in pixels. */
export function renderPlot(height: number, options: Readonly<Record<string, unknown>>): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    chart.setOption({ animation: false, backgroundColor: '#fff', ...options });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
