//! Comma-separated tables: every column but the last is a feature, the last one is the class.
//!
//! One row per sample, an optional header row, features are finite decimal numbers, the class is
//! an integer from 0. Each feature is scaled by its least and greatest value in the training
//! rows: pixel = floor(255 (v - min) / (max - min)), clamped to 0..=255, 0 if min = max; from
//! there on it is treated like the pixel of an image. `csv:FILE` shuffles the rows with seed 1
//! and keeps the last fifth for testing; `csv:TRAIN,TEST` takes two files as they are.

use std::path::Path;

use super::{idx, shuffle, Pixels, Split};
use crate::error::{Error, Result};

const SPLIT_SEED: u32 = 1;
const MAX_FEATURES: usize = 2730;
const MAX_CLASS: u32 = 255;

/// Least and greatest value of each feature in the training rows.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Scaling {
    /// Least values.
    pub min: Vec<f64>,
    /// Greatest values.
    pub max: Vec<f64>,
}

#[derive(Debug, PartialEq)]
struct Row {
    features: Vec<f64>,
    class: u8,
}

/// Loads `FILE` or `TRAIN,TEST`; `known` is the scaling of a saved model.
pub fn load(spec: &str, known: Option<&Scaling>) -> Result<(Split, Scaling)> {
    let (train, test) = match spec.split_once(',') {
        Some((train, test)) => (read(Path::new(train))?, read(Path::new(test))?),
        None => split(read(Path::new(spec))?),
    };
    let inputs = train.first().map_or(0, |r| r.features.len());
    if let Some(row) = test.iter().find(|r| r.features.len() != inputs) {
        return Err(problem(
            spec,
            &format!(
                "the training rows have {inputs} features, the test rows {}",
                row.features.len()
            ),
        ));
    }
    let scaling = match known {
        Some(s) if s.suits(inputs) => s.clone(),
        Some(s) => {
            return Err(problem(
                spec,
                &format!("it has {inputs} features, the model was trained on {}", s.min.len()),
            ))
        }
        None => Scaling::of(&train, inputs),
    };
    let pixels = |rows: &[Row]| Pixels {
        inputs,
        values: rows.iter().flat_map(|r| scaling.pixels(&r.features)).collect(),
        labels: rows.iter().map(|r| r.class).collect(),
    };
    let split = Split { train: pixels(&train), test: pixels(&test), side: None };
    Ok((split, scaling))
}

fn split(rows: Vec<Row>) -> (Vec<Row>, Vec<Row>) {
    let order = shuffle::permutation(rows.len(), SPLIT_SEED);
    let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
    let mut train: Vec<Row> = order.iter().filter_map(|&n| rows[n].take()).collect();
    let test = train.split_off(train.len() - train.len() / 5);
    (train, test)
}

impl Scaling {
    /// Whether it is a scaling of so many features.
    #[must_use]
    pub fn suits(&self, inputs: usize) -> bool {
        self.min.len() == inputs && self.max.len() == inputs
    }

    fn of(rows: &[Row], inputs: usize) -> Self {
        let column = |f: fn(f64, f64) -> f64, start: f64| {
            (0..inputs).map(|i| rows.iter().fold(start, |m, r| f(m, r.features[i]))).collect()
        };
        Self { min: column(f64::min, f64::INFINITY), max: column(f64::max, f64::NEG_INFINITY) }
    }

    fn pixels<'a>(&'a self, features: &'a [f64]) -> impl Iterator<Item = u8> + 'a {
        features.iter().zip(self.min.iter().zip(&self.max)).map(|(v, (min, max))| {
            let range = max - min;
            if range > 0.0 {
                (255.0 * (v - min) / range).floor().clamp(0.0, 255.0) as u8
            } else {
                0
            }
        })
    }
}

fn problem(file: &str, text: &str) -> Error {
    Error::input("data/csv", format!("`{file}` is not a usable table: {text}"))
        .cause("each row needs the features as numbers and, last, the class as an integer from 0 to 255")
        .fix("correct the row; a header row is allowed, missing values are not")
}

fn read(path: &Path) -> Result<Vec<Row>> {
    let name = path.display().to_string();
    let bytes = idx::unpacked(path)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(bytes.as_slice());
    let mut rows = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let record = record.map_err(|e| problem(&name, &e.to_string()))?;
        if number == 0 && record.iter().all(|f| f.parse::<f64>().is_err()) {
            continue;
        }
        rows.push(row(&record).map_err(|e| problem(&name, &format!("row {}: {e}", number + 1)))?);
    }
    if rows.len() < 2 {
        return Err(problem(&name, &format!("it holds {} rows", rows.len())));
    }
    Ok(rows)
}

fn row(record: &csv::StringRecord) -> std::result::Result<Row, String> {
    let count = record.len();
    if count < 2 || count - 1 > MAX_FEATURES {
        return Err(format!("{count} columns; 2 to {} are possible", MAX_FEATURES + 1));
    }
    let features = record
        .iter()
        .take(count - 1)
        .map(|f| {
            f.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or(format!("`{f}` is not a number"))
        })
        .collect::<std::result::Result<_, _>>()?;
    let last = &record[count - 1];
    let class =
        last.parse::<u32>().map_err(|_| format!("the class `{last}` is not an integer from 0"))?;
    if class > MAX_CLASS {
        return Err(format!("class {class} is out of range (0 to {MAX_CLASS})"));
    }
    Ok(Row { features, class: class as u8 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_covers_the_range_of_the_training_rows() {
        let rows = [
            Row { features: vec![1.0, 5.0], class: 0 },
            Row { features: vec![3.0, 5.0], class: 1 },
        ];
        let scaling = Scaling::of(&rows, 2);
        let pixels = |f: &[f64]| scaling.pixels(f).collect::<Vec<_>>();
        assert_eq!(pixels(&[1.0, 5.0]), [0, 0]);
        assert_eq!(pixels(&[2.0, 9.0]), [127, 0]);
        assert_eq!(pixels(&[99.0, 5.0]), [255, 0]);
    }
}
