// A person's chart: one axis of time, a plot an analyte. The numbers stand in the page as JSON, and
// in a table under each plot.
const COLOURS = { course: "#0b5563", finding: "#b3201a", range: "#dcecec", line: "#17262b", quiet: "#4a5d63" };
const LANES = ["Findings", "MRI", "Relapses", "Courses"];
// One axis of time: every plot begins and ends at the same place, however long its labels are.
const GRID = { left: 84, right: 16, top: 10, bottom: 26, outerBoundsMode: "none" };

export function drawPerson(draw, link, escape) {
  const root = document.querySelector("[data-person-chart]");
  if (!root) return;
  const data = JSON.parse(document.getElementById(root.dataset.personChart).textContent);
  let scale = "plain";

  const time = () => ({ type: "time", min: data.since, max: data.until, splitLine: { show: false }, axisLabel: { hideOverlap: true } });
  const tip = { trigger: "item", formatter: (at) => (at.data.said ? escape(at.data.said) : "") };

  function plot(element) {
    if (element.offsetWidth === 0) return;
    if (element.dataset.plot === "lanes") {
      draw(element, lanes());
      return;
    }
    const one = data.panels[element.dataset.plot];
    const shown = panel(one);
    draw(element, shown);
    const isEmpty = shown.series[1].data.length === 0;
    element.parentElement.querySelector("[data-none]").hidden = !(isEmpty && one.points.length > 0);
  }

  function bars(rows, colour) {
    return {
      type: "custom",
      encode: { x: [0, 1], y: 2 },
      data: rows,
      renderItem: (_, api) => {
        const [from, y] = api.coord([api.value(0), api.value(2)]);
        const [to] = api.coord([api.value(1), api.value(2)]);
        const style = { fill: api.value(3) ? "#fff" : colour, stroke: colour, lineWidth: 1.5 };
        return { type: "rect", shape: { x: from, y: y - 6, width: Math.max(4, to - from), height: 12 }, style };
      },
    };
  }

  function lanes() {
    const at = (name) => LANES.indexOf(name);
    const mark = (day, lane, said) => ({ value: [day, at(lane)], said });
    return {
      grid: { ...GRID, bottom: 26 },
      tooltip: tip,
      xAxis: time(),
      yAxis: [
        { type: "category", data: LANES, axisTick: { show: false } },
        { type: "value", min: 0, max: 10, show: false },
      ],
      series: [
        bars(data.courses.map(([from, to, what, planned]) => ({ value: [from, to, at("Courses"), planned ? 1 : 0], said: `${what}, ${from} to ${to}${planned ? ", planned" : ""}` })), COLOURS.course),
        bars(data.episodes.map(([from, to, what]) => ({ value: [from, to, at("Findings"), 0], said: `${what}, ${from} to ${to}` })), COLOURS.finding),
        { type: "scatter", symbol: "diamond", symbolSize: 12, itemStyle: { color: "#7b4594" }, data: data.relapses.map((day) => mark(day, "Relapses", `Relapse, ${day}`)) },
        { type: "scatter", symbol: "rect", symbolSize: 9, itemStyle: { color: "#4a57a8" }, data: data.scans.map(([day, what]) => mark(day, "MRI", `MRI ${day}: ${what}`)) },
        { type: "line", name: "EDSS", step: "end", yAxisIndex: 1, symbolSize: 5, lineStyle: { color: COLOURS.quiet, width: 1.2, type: "dashed" }, itemStyle: { color: COLOURS.quiet }, data: data.edss.map(([day, value]) => ({ value: [day, value], said: `EDSS ${value}, ${day}` })) },
      ],
    };
  }

  // What a value is divided by; nothing where that is not known.
  function divisor(one, high) {
    if (scale === "plain") return 1;
    return scale === "baseline" ? one.baseline : high;
  }

  function panel(one) {
    const points = one.points
      .map(([day, value, bound, low, high, where, said]) => ({ day, value, bound, low, high, where, said, by: divisor(one, high) }))
      .filter((point) => point.by && (scale === "plain" || one.isNumber));
    const dots = points.map((point) => ({
      value: [point.day, point.value / point.by],
      symbol: point.bound ? "triangle" : "circle",
      symbolRotate: point.bound.startsWith("<") ? 180 : 0,
      symbolSize: point.bound ? 10 : 5,
      said: `${one.title} ${point.said}, ${point.day}, ${point.where}`,
    }));
    const stamp = (day) => new Date(day).getTime();
    // A range holds from half-way after the result before to half-way to the next.
    const ranges = points.flatMap((point, place) => {
      if (point.low === null && point.high === null) return [];
      const here = stamp(point.day);
      const from = place ? (stamp(points[place - 1].day) + here) / 2 : here - 15 * 864e5;
      const to = place + 1 < points.length ? (stamp(points[place + 1].day) + here) / 2 : here + 15 * 864e5;
      return [[from, to, point.low === null ? null : point.low / point.by, point.high === null ? null : point.high / point.by]];
    });
    const marks = [
      ...data.courses.map(([from]) => ({ xAxis: from, lineStyle: { color: COLOURS.course, type: "solid", width: 1, opacity: 0.5 } })),
      ...(scale === "plain" ? [] : [{ yAxis: 1, lineStyle: { color: COLOURS.quiet, type: "dashed" } }]),
    ];
    return {
      grid: GRID,
      tooltip: tip,
      xAxis: time(),
      yAxis: [
        { type: "value", scale: true, splitNumber: 3 },
        { type: "value", min: 0, max: 1, show: false },
      ],
      series: [
        {
          type: "custom",
          silent: true,
          clip: true,
          encode: { x: [0, 1], y: [] },
          data: ranges,
          renderItem: (at, api) => {
            const box = at.coordSys;
            const [from] = api.coord([api.value(0), 0]);
            const [to] = api.coord([api.value(1), 0]);
            const edge = (place, open) => {
              const value = ranges[at.dataIndex][place];
              const y = value === null ? open : api.coord([0, value])[1];
              return Math.min(box.y + box.height, Math.max(box.y, y));
            };
            const bottom = edge(2, box.y + box.height);
            const top = edge(3, box.y);
            const left = Math.max(box.x, from);
            const right = Math.min(box.x + box.width, to);
            return { type: "rect", shape: { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) }, style: { fill: COLOURS.range } };
          },
        },
        { type: "line", z: 3, data: dots, lineStyle: { color: COLOURS.line, width: 1.2 }, itemStyle: { color: COLOURS.line }, markLine: { silent: true, symbol: "none", label: { show: false }, data: marks } },
        { type: "scatter", z: 4, yAxisIndex: 1, symbol: "emptyCircle", symbolSize: 9, itemStyle: { color: COLOURS.finding }, data: one.missed.map((day) => ({ value: [day, 0.04], said: `${one.title}: its test was due on ${day} and was not complete in time` })) },
      ],
    };
  }

  const all = () => [...root.querySelectorAll("[data-plot]")];
  const drawAll = () => all().forEach(plot);
  drawAll();
  link(all());

  const scales = root.querySelector("[data-scales]");
  scales.hidden = false;
  scales.addEventListener("change", (event) => {
    scale = event.target.value;
    root.dataset.scale = scale;
    drawAll();
  });
  root.querySelector("[data-others]")?.addEventListener("toggle", (event) => {
    if (event.target.matches("[data-others]") && event.target.open) drawAll();
  });
}

// The slider sets the day, and asks for it once it is let go.
export function slideThroughTime() {
  const form = document.querySelector("[data-known]");
  if (!form) return;
  const day = form.querySelector("[type=date]");
  const slider = form.querySelector("[data-known-slider]");
  const first = new Date(day.min).getTime();
  slider.max = Math.round((new Date(day.max) - first) / 864e5);
  slider.value = Math.round((new Date(day.value) - first) / 864e5);
  slider.parentElement.hidden = false;
  slider.addEventListener("input", () => {
    day.value = new Date(first + slider.value * 864e5).toISOString().slice(0, 10);
  });
  slider.addEventListener("change", () => form.requestSubmit());
}
