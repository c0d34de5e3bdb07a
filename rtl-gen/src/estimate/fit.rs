//! Least squares.

/// Keeps the equations solvable where a feature is the same in all rows; far too little to be seen in cells.
const RIDGE: f64 = 1e-6;

/// The weights that bring the weighted sums of the rows nearest to `values`.
pub(super) fn least_squares(rows: &[Vec<f64>], values: &[f64]) -> Vec<f64> {
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
    use super::least_squares;

    #[test]
    fn a_line_is_found_and_noise_is_shared() {
        let rows: Vec<Vec<f64>> = (0..4).map(|x| vec![1.0, f64::from(x)]).collect();
        let exact = least_squares(&rows, &[5.0, 8.0, 11.0, 14.0]);
        assert!((exact[0] - 5.0).abs() < 1e-4 && (exact[1] - 3.0).abs() < 1e-4, "{exact:?}");
        // By hand: slope 3.4, intercept 4.9.
        let noisy = least_squares(&rows, &[5.0, 8.0, 12.0, 15.0]);
        assert!((noisy[0] - 4.9).abs() < 1e-4 && (noisy[1] - 3.4).abs() < 1e-4, "{noisy:?}");
    }

    #[test]
    fn a_feature_that_never_occurs_weighs_nothing() {
        let rows = vec![vec![1.0, 0.0], vec![1.0, 0.0]];
        let weights = least_squares(&rows, &[4.0, 6.0]);
        assert!((weights[0] - 5.0).abs() < 1e-4 && weights[1].abs() < 1e-4, "{weights:?}");
    }
}
