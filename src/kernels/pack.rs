//! Weights in the order the kernels read them.

/// The widest panel, in output channels.
pub(super) const PANEL: usize = 64;
/// Panels are multiples of this wide.
pub(super) const LANES: usize = 16;

/// A convolution's or linear layer's weights: panels of up to 64 output channels; in a panel, for
/// each tap and each input channel, the panel's outputs side by side. The last panel is padded with
/// zeros to a multiple of 16.
pub struct Packed {
    pub(super) taps: usize,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) data: Vec<f32>,
}

impl Packed {
    /// Packs `weight` `[outputs, inputs, taps]` (a 3×3 kernel has nine taps, row by row; a linear
    /// layer one). `None` when the length does not fit the shape.
    pub fn new(weight: &[f32], outputs: usize, inputs: usize, taps: usize) -> Option<Self> {
        if weight.len() != outputs * inputs * taps || outputs == 0 || inputs == 0 || taps == 0 {
            return None;
        }
        Some(Self::filled(outputs, inputs, taps, |output, input, tap| weight[(output * inputs + input) * taps + tap]))
    }

    /// Packs the matrix `weight(output, input)`.
    pub(super) fn from_fn(outputs: usize, inputs: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        Self::filled(outputs, inputs, 1, |output, input, _| weight(output, input))
    }

    fn filled(outputs: usize, inputs: usize, taps: usize, weight: impl Fn(usize, usize, usize) -> f32) -> Self {
        let mut data = Vec::with_capacity(taps * inputs * outputs.next_multiple_of(LANES));
        for first in (0..outputs).step_by(PANEL) {
            let used = (outputs - first).min(PANEL);
            let padding = panel_width(outputs, first) - used;
            for tap in 0..taps {
                for input in 0..inputs {
                    data.extend((first..first + used).map(|output| weight(output, input, tap)));
                    data.extend(std::iter::repeat_n(0.0, padding));
                }
            }
        }
        Self { taps, inputs, outputs, data }
    }

    /// Output channels.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Input channels.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    pub(super) fn panels(&self) -> usize {
        self.outputs.div_ceil(PANEL)
    }

    /// A panel's numbers and its padded width.
    pub(super) fn panel(&self, index: usize) -> (&[f32], usize) {
        let first = index * PANEL;
        let width = panel_width(self.outputs, first);
        let start = first * self.taps * self.inputs;
        (&self.data[start..start + self.taps * self.inputs * width], width)
    }
}

fn panel_width(outputs: usize, first: usize) -> usize {
    (outputs - first).min(PANEL).next_multiple_of(LANES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_weight_lies_where_the_kernel_looks_for_it() {
        let (outputs, inputs, taps) = (70, 3, 9);
        let weight: Vec<f32> = (0..outputs * inputs * taps).map(|i| i as f32).collect();
        let packed = Packed::new(&weight, outputs, inputs, taps).expect("fits");
        for output in 0..outputs {
            let (panel, width) = packed.panel(output / PANEL);
            for input in 0..inputs {
                for tap in 0..taps {
                    let got = panel[(tap * inputs + input) * width + output % PANEL];
                    assert_eq!(got, weight[(output * inputs + input) * taps + tap]);
                }
            }
        }
        assert_eq!(packed.panel(1).1, 16, "6 outputs padded to 16");
    }

    #[test]
    fn a_length_that_does_not_fit_is_refused() {
        assert!(Packed::new(&[0.0; 7], 2, 4, 1).is_none());
    }
}
