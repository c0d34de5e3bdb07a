//! Pictures of a network that learns: curve, what the columns of each class see, cycles.
//!
//! SVG, because it needs no fonts and no libraries here and every browser shows it.

use std::path::{Path, PathBuf};

use plotters::coord::Shift;
use plotters::prelude::*;

use super::overview::overview;
use crate::error::{Error, Result};
use crate::files::write_atomically;
use crate::model::Model;
use crate::trainer::Report;

const BLUE_LINE: RGBColor = RGBColor(38, 98, 166);
const ORANGE_LINE: RGBColor = RGBColor(222, 118, 28);
const GREEN: RGBColor = RGBColor(72, 150, 90);
const GREY: RGBColor = RGBColor(196, 196, 196);
const INK: RGBColor = RGBColor(60, 60, 60);
/// Examples averaged for a point of the curve.
const WINDOW: usize = 300;
/// Points of the curve.
const POINTS: usize = 240;

/// Where clock cycles went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycles {
    /// Forward passes.
    pub forward: u64,
    /// Updates.
    pub update: u64,
    /// Between them.
    pub overhead: u64,
    /// Waiting for the link.
    pub idle: u64,
}

/// Draws every picture and a page that shows them; returns what was written.
pub fn draw(
    folder: &Path,
    model: &Model,
    report: &Report,
    cycles: Option<Cycles>,
) -> Result<Vec<PathBuf>> {
    let mut pictures = vec![
        ("learning-curve.svg", "How it learns", curve(report)),
        ("classes.svg", "What the columns of each class have learned", classes(model)),
    ];
    if let Some(cycles) = cycles {
        let title = "Where clock cycles go, learning and being tested";
        pictures.push(("cycles.svg", title, bars(cycles)));
    }
    let mut page =
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Deku demo</title>\n".to_owned();
    let (mut written, mut parts) = (Vec::new(), Vec::new());
    for (name, title, picture) in pictures {
        let path = folder.join(name);
        let svg = picture.map_err(|e| failed(&path, &e))?;
        write_atomically(&path, svg.as_bytes())?;
        page += &format!("<h2>{title}</h2>\n<img src=\"{name}\" alt=\"{title}\">\n");
        written.push(path);
        parts.push((title, svg));
    }
    let parts: Vec<_> = parts.iter().map(|(title, svg)| (*title, svg.as_str())).collect();
    let path = folder.join("overview.svg");
    write_atomically(&path, overview(&parts).as_bytes())?;
    written.push(path);
    let path = folder.join("index.html");
    write_atomically(&path, page.as_bytes())?;
    written.push(path);
    Ok(written)
}

type Drawn = std::result::Result<String, String>;
type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn failed(path: &Path, text: &str) -> Error {
    Error::input("demo/picture", format!("cannot draw `{}`: {text}", path.display()))
        .cause("a picture could not be laid out")
        .fix("report it with the command that you ran")
}

/// Lets `paint` draw on a white canvas.
fn svg(
    size: (u32, u32),
    paint: impl FnOnce(&Canvas<'_>) -> std::result::Result<(), String>,
) -> Drawn {
    let mut text = String::new();
    {
        let canvas = SVGBackend::with_string(&mut text, size).into_drawing_area();
        canvas.fill(&WHITE).map_err(|e| e.to_string())?;
        paint(&canvas)?;
        canvas.present().map_err(|e| e.to_string())?;
    }
    Ok(text)
}

fn curve(report: &Report) -> Drawn {
    let seen = report.hits.len().max(1);
    let running: Vec<(f64, f64)> = moving_average(&report.hits);
    let per_epoch = seen as f64 / report.curve.len().max(1) as f64;
    let held_out: Vec<(f64, f64)> = report
        .curve
        .iter()
        .enumerate()
        .filter_map(|(n, p)| Some(((n + 1) as f64 * per_epoch, p.score.as_ref()?.accuracy())))
        .collect();
    svg((860, 420), |canvas| {
        let text = |e: DrawingAreaErrorKind<std::io::Error>| e.to_string();
        let mut chart = ChartBuilder::on(canvas)
            .margin(14)
            .x_label_area_size(44)
            .y_label_area_size(52)
            .build_cartesian_2d(0.0..seen as f64, 0.0..100.0)
            .map_err(text)?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .bold_line_style(GREY.mix(0.5))
            .x_desc("examples seen")
            .y_desc("accuracy, %")
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .draw()
            .map_err(text)?;
        let line = LineSeries::new(running, BLUE_LINE.stroke_width(2));
        chart
            .draw_series(line)
            .map_err(text)?
            .label(format!("while learning, before each update (last {WINDOW})"))
            .legend(|(x, y)| {
                PathElement::new(vec![(x, y), (x + 18, y)], BLUE_LINE.stroke_width(2))
            });
        let dots = held_out.into_iter().map(|at| Circle::new(at, 4, ORANGE_LINE.filled()));
        chart
            .draw_series(dots)
            .map_err(text)?
            .label("on held-out images, after each epoch")
            .legend(|(x, y)| Circle::new((x + 9, y), 4, ORANGE_LINE.filled()));
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .background_style(WHITE)
            .border_style(GREY)
            .draw()
            .map_err(text)
    })
}

/// Share of hits among the last [`WINDOW`], in percent, at [`POINTS`] positions.
fn moving_average(hits: &[bool]) -> Vec<(f64, f64)> {
    (1..=POINTS)
        .map(|n| n * hits.len() / POINTS)
        .filter(|&end| end > 0)
        .map(|end| {
            let window = &hits[end.saturating_sub(WINDOW)..end];
            let right = window.iter().filter(|&&h| h).count();
            (end as f64, 100.0 * right as f64 / window.len() as f64)
        })
        .collect()
}

/// Per class the mean ternary weight of its columns, less that of all classes, as an image.
fn classes(model: &Model) -> Drawn {
    let s = &model.settings;
    let side = s.inputs.isqrt();
    let (cell, gap, per_row) = (112 / side.max(1) as i32, 22, 5.min(s.classes));
    let step = (side as i32 * cell + gap, side as i32 * cell + gap + 20);
    let rows = s.classes.div_ceil(per_row.max(1));
    let size = ((per_row as i32 * step.0 + gap) as u32, (rows as i32 * step.1 + gap + 24) as u32);
    let images = model.learned();
    let largest = images.iter().flatten().fold(1e-9f64, |m, v| m.max(v.abs()));
    svg(size, |canvas| {
        for (class, image) in images.iter().enumerate() {
            let at = (
                (class % per_row) as i32 * step.0 + gap,
                (class / per_row) as i32 * step.1 + gap + 18,
            );
            label(canvas, &format!("class {class}"), (at.0, at.1 - 18))?;
            for (pixel, value) in image.iter().enumerate().take(side * side) {
                let corner =
                    (at.0 + (pixel % side) as i32 * cell, at.1 + (pixel / side) as i32 * cell);
                square(canvas, corner, cell, colour(value / largest))?;
            }
        }
        let legend =
            "orange: its columns want ink here, blue: they do not (mean ternary weight, compared with all classes)";
        label(canvas, legend, (gap, size.1 as i32 - 22))
    })
}

/// Blue for -1, white for 0, orange for +1.
fn colour(value: f64) -> RGBColor {
    let end = if value < 0.0 { BLUE_LINE } else { ORANGE_LINE };
    let mix = |to: u8| (255.0 + (f64::from(to) - 255.0) * value.abs().min(1.0)).round() as u8;
    RGBColor(mix(end.0), mix(end.1), mix(end.2))
}

fn bars(cycles: Cycles) -> Drawn {
    let parts = [
        ("forward", cycles.forward, BLUE_LINE),
        ("update", cycles.update, ORANGE_LINE),
        ("overhead", cycles.overhead, GREEN),
        ("waiting for the link", cycles.idle, GREY),
    ];
    let all: u64 = parts.iter().map(|p| p.1).sum();
    let (left, width) = (24, 800);
    svg((848, 96 + 22 * parts.len() as u32), |canvas| {
        let mut from = left;
        for (n, (name, count, fill)) in parts.into_iter().enumerate() {
            let share = count as f64 / all.max(1) as f64;
            let to = from + (f64::from(width) * share).round() as i32;
            rectangle(canvas, [(from, 24), (to, 64)], fill)?;
            let row = 80 + 22 * n as i32;
            rectangle(canvas, [(left, row), (left + 14, row + 14)], fill)?;
            label(
                canvas,
                &format!("{name}: {:.1} %, {count} cycles", 100.0 * share),
                (left + 24, row),
            )?;
            from = to;
        }
        Ok(())
    })
}

fn square(
    canvas: &Canvas<'_>,
    at: (i32, i32),
    size: i32,
    fill: RGBColor,
) -> std::result::Result<(), String> {
    rectangle(canvas, [at, (at.0 + size, at.1 + size)], fill)
}

fn rectangle(
    canvas: &Canvas<'_>,
    corners: [(i32, i32); 2],
    fill: RGBColor,
) -> std::result::Result<(), String> {
    canvas.draw(&Rectangle::new(corners, fill.filled())).map_err(|e| e.to_string())
}

fn label(canvas: &Canvas<'_>, text: &str, at: (i32, i32)) -> std::result::Result<(), String> {
    let style = ("sans-serif", 14).into_font().color(&INK);
    canvas.draw(&Text::new(text.to_owned(), at, style)).map_err(|e| e.to_string())
}
