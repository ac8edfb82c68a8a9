// data_visualization: line, bar, area and pie as accessible SVG
// (docs.slack.dev/reference/block-kit/blocks/data-visualization-block).

import { el, svg, uniqueId } from "./dom.js";
import { locale } from "./workspace.js";

const PALETTE = ["#6d3fb8", "#139c74", "#e08a1e", "#2f7fd1", "#c4417f", "#7a8a1f"];
const HEIGHT = 240;
const MARGIN = { top: 12, right: 14, bottom: 30, left: 16 };
const LETTER = 7.5; // about the width of one, in the axes' type

function number(value) {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 2 }).format(value);
}

/** A value on the axis: short, since there is little room. */
function tickWords(value) {
  const short = Math.abs(value) >= 10_000 ? { notation: "compact" } : {};
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 2, ...short }).format(value);
}

/** Round steps from low to high, about five of them: {low, high, ticks}. */
export function scale(values) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const raw = (high - low || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  let step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) * power;
  if (values.every(Number.isInteger)) step = Math.max(1, Math.ceil(step));
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  return { low: ticks[0], high: ticks[ticks.length - 1], ticks };
}

function valueAt(series, category) {
  const point = (series.data || []).find(({ label }) => label === category);
  return point ? Number(point.value) : 0;
}

function axes(width, { low, high, ticks }, categories, config) {
  const inner = {
    x: MARGIN.left + LETTER * Math.max(...ticks.map((tick) => tickWords(tick).length)) + (config.y_label ? 16 : 0),
    y: MARGIN.top,
    right: width - MARGIN.right,
    bottom: HEIGHT - MARGIN.bottom - (config.x_label ? 16 : 0),
  };
  const y = (value) => inner.bottom - ((value - low) / (high - low)) * (inner.bottom - inner.y);
  const band = (inner.right - inner.x) / Math.max(1, categories.length);
  const x = (index) => inner.x + band * (index + 0.5);
  const group = svg("g", { class: "axes" });
  for (const tick of ticks) {
    group.append(
      svg("line", { x1: inner.x, x2: inner.right, y1: y(tick), y2: y(tick), class: tick === 0 ? "zero" : "grid" }),
      svg("text", { x: inner.x - 8, y: y(tick) + 4, "text-anchor": "end" }, tickWords(tick)),
    );
  }
  // From the newest backwards, as many names as fit beside each other; the ends lean inwards.
  let free = width;
  for (let index = categories.length - 1; index >= 0; index -= 1) {
    const half = (categories[index].length * LETTER) / 2;
    const middle = Math.max(half, Math.min(x(index), width - half));
    if (middle + half > free) continue;
    free = middle - half - LETTER;
    group.append(svg("text", { x: middle, y: inner.bottom + 18, "text-anchor": "middle" }, categories[index]));
  }
  if (config.x_label)
    group.append(
      svg(
        "text",
        { x: (inner.x + inner.right) / 2, y: HEIGHT - 4, "text-anchor": "middle", class: "axis-title" },
        config.x_label,
      ),
    );
  if (config.y_label) {
    const middle = (inner.y + inner.bottom) / 2;
    group.append(
      svg(
        "text",
        { x: 10, y: middle, transform: `rotate(-90 10 ${middle})`, "text-anchor": "middle", class: "axis-title" },
        config.y_label,
      ),
    );
  }
  return { group, x, y, band };
}

function tip(node, words) {
  node.append(svg("title", {}, words));
  return node;
}

function bars(frame, all, categories) {
  const slot = Math.min(frame.band * 0.72, 64 * all.length);
  const wide = slot / all.length;
  return all.flatMap((series, which) =>
    categories.map((category, index) => {
      const value = valueAt(series, category);
      const [top, foot] = [frame.y(Math.max(value, 0)), frame.y(Math.min(value, 0))];
      const bar = svg("rect", {
        x: frame.x(index) - slot / 2 + which * wide + 1,
        y: top,
        width: Math.max(1, wide - 2),
        height: Math.max(0, foot - top),
        rx: 3,
        fill: PALETTE[which % 6],
      });
      return tip(bar, `${category}, ${series.name}: ${number(value)}`);
    }),
  );
}

function curves(frame, all, categories, filled) {
  return all.flatMap((series, which) => {
    const colour = PALETTE[which % 6];
    const points = categories.map((category, index) => [frame.x(index), frame.y(valueAt(series, category))]);
    if (!points.length) return [];
    const path = points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
    const ground = `${path}L${points.at(-1)[0]} ${frame.y(0)}L${points[0][0]} ${frame.y(0)}Z`;
    return [
      filled && svg("path", { d: ground, fill: colour, opacity: 0.18 }),
      svg("path", {
        d: path,
        fill: "none",
        stroke: colour,
        "stroke-width": 2.5,
        "stroke-linejoin": "round",
        "stroke-linecap": "round",
      }),
      ...points.map(([x, y], index) =>
        tip(
          svg("circle", { cx: x, cy: y, r: 3.5, fill: "#fff", stroke: colour, "stroke-width": 2 }),
          `${categories[index]}, ${series.name}: ${number(valueAt(series, categories[index]))}`,
        ),
      ),
    ];
  });
}

function pie(segments) {
  const total = segments.reduce((sum, { value }) => sum + Number(value), 0) || 1;
  let angle = -Math.PI / 2;
  const at = (turn, radius = 96) =>
    `${(110 + radius * Math.cos(turn)).toFixed(2)} ${(110 + radius * Math.sin(turn)).toFixed(2)}`;
  const slices = segments.map(({ label, value }, index) => {
    const next = angle + (Number(value) / total) * 2 * Math.PI;
    const words = `${label}: ${number(value)} (${Math.round((value / total) * 100)} %)`;
    const whole = segments.length === 1;
    const slice = whole
      ? svg("circle", { cx: 110, cy: 110, r: 96, fill: PALETTE[0] })
      : svg("path", {
          d: `M110 110L${at(angle)}A96 96 0 ${next - angle > Math.PI ? 1 : 0} 1 ${at(next)}Z`,
          fill: PALETTE[index % 6],
          stroke: "#fff",
          "stroke-width": 2,
        });
    angle = next;
    return tip(slice, words);
  });
  return svg("svg", { viewBox: "0 0 220 220", width: 220, height: 220, "aria-hidden": "true" }, slices);
}

function legend(entries) {
  return el(
    "ul",
    { class: "legend", "aria-hidden": "true" },
    entries.map(({ name, value }, index) => {
      const swatch = svg(
        "svg",
        { width: 10, height: 10 },
        svg("rect", { width: 10, height: 10, rx: 3, fill: PALETTE[index % 6] }),
      );
      return el("li", {}, swatch, el("span", {}, name), value === undefined ? null : el("b", {}, value));
    }),
  );
}

/** The values as a table that screen readers can walk through. */
function values(title, heads, rows) {
  return el(
    "table",
    { class: "visually-hidden" },
    el("caption", {}, title),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        heads.map((head) => el("th", { scope: "col" }, head)),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map(([head, ...cells]) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, head),
          cells.map((cell) => el("td", {}, cell)),
        ),
      ),
    ),
  );
}

export function chart(block) {
  const kind = (block.chart || {}).type;
  const title = el("figcaption", { id: uniqueId("chart") }, block.title || "");
  const drawing = el("div", { class: "drawing", role: "img", "aria-label": block.title });
  const figure = el("figure", { class: `chart ${kind}` }, title, drawing);
  if (kind === "pie") {
    const segments = block.chart.segments || [];
    const total = segments.reduce((sum, { value }) => sum + Number(value), 0) || 1;
    drawing.append(
      pie(segments),
      legend(
        segments.map(({ label, value }) => ({
          name: label,
          value: `${number(value)} · ${Math.round((value / total) * 100)} %`,
        })),
      ),
    );
    figure.append(
      values(
        block.title,
        ["Segment", "Value"],
        segments.map(({ label, value }) => [label, number(value)]),
      ),
    );
    return figure;
  }
  const all = block.chart.series || [];
  const config = block.chart.axis_config || {};
  const categories = config.categories || (all[0]?.data || []).map(({ label }) => label);
  const range = scale(all.flatMap((series) => categories.map((category) => valueAt(series, category))));
  const draw = (width) => {
    const frame = axes(width, range, categories, config);
    const shapes = kind === "bar" ? bars(frame, all, categories) : curves(frame, all, categories, kind === "area");
    drawing.replaceChildren(
      svg(
        "svg",
        { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, "aria-hidden": "true" },
        frame.group,
        shapes,
      ),
    );
  };
  // Drawn at the width it has, so that its text stays readable on a phone.
  new ResizeObserver(([entry]) => entry.contentRect.width && draw(Math.round(entry.contentRect.width))).observe(
    drawing,
  );
  if (all.length > 1) figure.append(legend(all));
  figure.append(
    values(
      block.title,
      [config.x_label || "Category", ...all.map(({ name }) => name)],
      categories.map((category) => [category, ...all.map((series) => number(valueAt(series, category)))]),
    ),
  );
  return figure;
}
