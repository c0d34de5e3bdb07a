//! Least squares.

/// Keeps the equations solvable where a feature is the same in all rows; far too little to be seen in cells.
const RIDGE: f64 = 1e-6;

/// A linear model: values at the mean of the rows, and how they change with the distance from it.
///
/// A feature that is the same in all rows gets no weight: nothing is known about it, and the value stays that of the
/// rows.
pub(super) struct Fit {
    means: Vec<f64>,
    value: f64,
    weights: Vec<f64>,
}

impl Fit {
    /// Nearest to `values`.
    pub(super) fn of(rows: &[Vec<f64>], values: &[f64]) -> Self {
        let count = rows.len().max(1) as f64;
        let features = rows.first().map_or(0, Vec::len);
        let means: Vec<f64> =
            (0..features).map(|i| rows.iter().map(|row| row[i]).sum::<f64>() / count).collect();
        let value = values.iter().sum::<f64>() / count;
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| apart(row, &means)).collect();
        let values: Vec<f64> = values.iter().map(|v| v - value).collect();
        Self { means, value, weights: least_squares(&rows, &values) }
    }

    /// Its value for these features.
    pub(super) fn at(&self, features: &[f64]) -> f64 {
        let apart = apart(features, &self.means);
        self.value + apart.iter().zip(&self.weights).map(|(x, w)| x * w).sum::<f64>()
    }
}

fn apart(row: &[f64], means: &[f64]) -> Vec<f64> {
    row.iter().zip(means).map(|(x, mean)| x - mean).collect()
}

/// The weights that bring the weighted sums of the rows nearest to `values`.
fn least_squares(rows: &[Vec<f64>], values: &[f64]) -> Vec<f64> {
    let n = rows.first().map_or(0, Vec::len);
    // The normal equations, with the right-hand side as the last column.
    let mut equations = vec![vec![0.0; n + 1]; n];
    for (row, value) in rows.iter().zip(values) {
        for i in 0..n {
            for j in 0..n {
                equations[i][j] += row[i] * row[j];
            }
            equations[i][n] += row[i] * value;
        }
    }
    for (i, equation) in equations.iter_mut().enumerate() {
        equation[i] += RIDGE;
    }
    solve(equations)
}

/// Elimination with the largest pivot.
fn solve(mut equations: Vec<Vec<f64>>) -> Vec<f64> {
    let n = equations.len();
    for i in 0..n {
        let largest =
            (i..n).max_by(|&a, &b| equations[a][i].abs().total_cmp(&equations[b][i].abs()));
        equations.swap(i, largest.unwrap_or(i));
        let pivot = equations[i].clone();
        for (_, equation) in equations.iter_mut().enumerate().filter(|(j, _)| *j != i) {
            let factor = equation[i] / pivot[i];
            equation.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= factor * p);
        }
    }
    (0..n).map(|i| equations[i][n] / equations[i][i]).collect()
}

#[cfg(test)]
mod tests {
    use super::Fit;

    fn near(value: f64, expected: f64) -> bool {
        (value - expected).abs() < 1e-4
    }

    #[test]
    fn a_line_is_found_and_noise_is_shared() {
        let rows: Vec<Vec<f64>> = (0..4).map(|x| vec![f64::from(x)]).collect();
        let exact = Fit::of(&rows, &[5.0, 8.0, 11.0, 14.0]);
        assert!(near(exact.at(&[0.0]), 5.0) && near(exact.at(&[10.0]), 35.0));
        // By hand: slope 3.4, intercept 4.9.
        let noisy = Fit::of(&rows, &[5.0, 8.0, 12.0, 15.0]);
        assert!(near(noisy.at(&[0.0]), 4.9) && near(noisy.at(&[1.0]), 8.3));
    }

    #[test]
    fn a_feature_that_is_always_the_same_weighs_nothing() {
        let fit = Fit::of(&[vec![1.0, 3.0], vec![2.0, 3.0]], &[40.0, 60.0]);
        assert!(near(fit.at(&[1.0, 3.0]), 40.0) && near(fit.at(&[1.0, 0.0]), 40.0));
    }
}
