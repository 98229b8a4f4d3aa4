//! The last step of a product: finished sums go to their place in the output.

use crate::kernels::micro::LANES;

/// What is added to the sums as they are written to an output `[pixels, outputs]`.
pub struct Epilogue<'a> {
    /// Outputs of a pixel.
    pub outputs: usize,
    /// Outputs of a whole panel.
    pub panel_size: usize,
    /// `[outputs]`, added to every pixel.
    pub bias: Option<&'a [f32]>,
    /// `[pixels, outputs]`, added to the output.
    pub residual: Option<&'a [f32]>,
}

impl Epilogue<'_> {
    /// Checks the lengths of bias and residual for an output of `count` numbers.
    ///
    /// # Panics
    /// When one does not fit.
    pub fn check(&self, count: usize) {
        assert!(self.bias.is_none_or(|bias| bias.len() == self.outputs));
        assert!(self.residual.is_none_or(|residual| residual.len() == count));
    }

    /// Writes the sums `[count, width]` of one panel to `rows`, which begin with the output's pixel `first`.
    /// Pixel `n` of the sums goes to pixel `place(n)` of the rows.
    pub fn write(&self, first: usize, panel: usize, sums: &[f32], rows: &mut [f32], place: impl Fn(usize) -> usize) {
        let from = panel * self.panel_size;
        let used = (self.outputs - from).min(self.panel_size);
        let width = used.next_multiple_of(LANES);
        let bias = self.bias.map(|bias| &bias[from..from + used]);
        for (pixel, sums) in sums.chunks_exact(width).enumerate() {
            let pixel = place(pixel);
            let row = &mut rows[pixel * self.outputs + from..][..used];
            row.copy_from_slice(&sums[..used]);
            if let Some(bias) = bias {
                row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
            }
            if let Some(residual) = self.residual {
                let residual = &residual[(first + pixel) * self.outputs + from..][..used];
                row.iter_mut().zip(residual).for_each(|(value, add)| *value += add);
            }
        }
    }
}
