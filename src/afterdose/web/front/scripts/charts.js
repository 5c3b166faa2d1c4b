// Charts as SVG. A page draws with `afterdoseCharts.draw(element, option)`; under each stands its
// table, which is what a screen reader reads.
import { LineChart, ScatterChart, CustomChart } from "echarts/charts";
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  TooltipComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

import { drawPerson, slideThroughTime } from "./person.js";

echarts.use([
  AriaComponent,
  CustomChart,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  ScatterChart,
  SVGRenderer,
  TooltipComponent,
]);

const INK = "#17262b";
const QUIET = "#4a5d63";
const axis = {
  axisLine: { lineStyle: { color: "#8a9a9e" } },
  axisTick: { lineStyle: { color: "#8a9a9e" } },
  axisLabel: { color: QUIET, fontSize: 12 },
  splitLine: { lineStyle: { color: "#e4eaea" } },
};

echarts.registerTheme("afterdose", {
  color: ["#0b5563", "#b3201a", "#4a57a8", "#c06a0c", "#7b4594", "#2f8560"],
  backgroundColor: "transparent",
  textStyle: { fontFamily: "system-ui, -apple-system, Segoe UI, Roboto, Arial, sans-serif", color: INK },
  timeAxis: axis,
  valueAxis: axis,
  categoryAxis: axis,
  logAxis: axis,
  tooltip: {
    backgroundColor: "#fff",
    borderColor: "#8a9a9e",
    textStyle: { color: INK, fontSize: 13 },
    // Inside the page: its styles are then those of the page.
    appendToBody: false,
  },
});

const charts = new Map();

// The chart's own description says raw times aloud: the element has its label in the page instead.
function draw(element, option) {
  let chart = charts.get(element);
  if (!chart) {
    chart = echarts.init(element, "afterdose", { renderer: "svg" });
    charts.set(element, chart);
  }
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  chart.setOption({ animation: !calm, animationDuration: 200, aria: { enabled: false }, ...option }, true);
  return chart;
}

// Several charts with one time axis move together.
function link(elements) {
  echarts.connect([...elements].map((element) => charts.get(element)).filter(Boolean));
}

window.addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
window.addEventListener("beforeprint", () => charts.forEach((chart) => chart.resize()));

// `data-chart="id"` names the JSON beside it: an option that needs no function.
for (const element of document.querySelectorAll("[data-chart]")) {
  draw(element, JSON.parse(document.getElementById(element.dataset.chart).textContent));
}

drawPerson(draw, link, echarts.format.encodeHTML);
slideThroughTime();

window.afterdoseCharts = { draw, link, echarts };
