//! Small systems of linear equations.

/// Solves a regular system by elimination with pivoting.
pub(in crate::diffusion) fn solve(mut matrix: Vec<Vec<f64>>, mut target: Vec<f64>) -> Vec<f64> {
    let n = target.len();
    for column in 0..n {
        let pivot =
            (column..n).max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs())).unwrap_or(column);
        matrix.swap(column, pivot);
        target.swap(column, pivot);
        for row in column + 1..n {
            let share = matrix[row][column] / matrix[column][column];
            let (above, below) = matrix.split_at_mut(row);
            for (value, source) in below[0][column..].iter_mut().zip(&above[column][column..]) {
                *value -= share * source;
            }
            target[row] -= share * target[column];
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|k| matrix[row][k] * target[k]).sum();
        target[row] = (target[row] - known) / matrix[row][row];
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_with_a_known_answer_is_solved() {
        let matrix = vec![vec![0.0, 2.0, 1.0], vec![2.0, 5.0, 3.0], vec![1.0, 3.0, 9.0]];
        let answer = [1.5, -2.0, 0.25];
        let target = matrix.iter().map(|row| row.iter().zip(answer).map(|(a, b)| a * b).sum()).collect();
        for (got, want) in solve(matrix, target).iter().zip(answer) {
            assert!((got - want).abs() < 1e-9);
        }
    }
}
