// The parts of ECharts that are drawn with, in a chunk of its own that is loaded when the first such chart shows.
// No tooltip among them: it writes HTML, and names are data.

import { HeatmapChart, ParallelChart, ScatterChart } from "echarts/charts";
import { GridComponent, ParallelComponent, VisualMapComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([HeatmapChart, ParallelChart, ScatterChart, GridComponent, ParallelComponent, VisualMapComponent, CanvasRenderer]);

export { init, type ECharts };
