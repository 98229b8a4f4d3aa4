//! Weights in panels of neighbouring outputs.

use super::taps::{Destination, MAX_TAPS, STRIP, Scratch, TapTransform, write_strip};
use super::weights::Weights;
use crate::kernels::memory::build_in_pieces;
use crate::kernels::micro::{LANES, Multiply};

/// A matrix or convolution kernels, cut into panels of up to `size` outputs.
///
/// In a panel there is, for each tap and each group of [`WeightKind::GROUP`] inputs, one line with the
/// panel's outputs side by side, each with its group of weights. The last panel is padded with zeros to a
/// multiple of 16 outputs.
pub struct Panels<T> {
    /// Numbers for each pair of output and input, after the transform.
    pub taps: usize,
    /// Inputs, with the padding to whole groups.
    pub inputs: usize,
    /// Outputs, without the padding.
    pub outputs: usize,
    /// Outputs of a whole panel.
    pub size: usize,
    data: Vec<T>,
}

impl<T: Multiply> Panels<T> {
    /// Packs kernels `[outputs, inputs, taps]`, with `transform` applied to the taps. `inputs` is a multiple
    /// of [`WeightKind::GROUP`], and `taps` is at most [`MAX_TAPS`].
    ///
    /// # Panics
    /// When there are fewer weights than that.
    pub fn new(weights: Weights<'_>, outputs: usize, inputs: usize, taps: usize, transform: impl TapTransform) -> Self {
        let transformed = transform.count(taps);
        debug_assert!(inputs.is_multiple_of(T::GROUP) && taps.max(transformed) <= MAX_TAPS);
        let size = T::panel_width();
        let lengths = (0..outputs).step_by(size).map(|first| transformed * inputs * padded_width(size, outputs, first));
        let data = build_in_pieces(lengths, |index, panel: &mut [T]| {
            let first = index * size;
            let used = (outputs - first).min(size);
            let width = padded_width(size, outputs, first);
            let mut kernels = [0.0; STRIP * MAX_TAPS];
            let mut scratch = Scratch::new();
            for strip in (0..inputs).step_by(STRIP) {
                let kernels = &mut kernels[..STRIP.min(inputs - strip) * taps];
                for output in 0..used {
                    weights.to_f32(((first + output) * inputs + strip) * taps, kernels);
                    let first = strip * width + output * T::GROUP;
                    let destination = Destination { taps, transform, width, tap_size: inputs * width, first };
                    write_strip(kernels, destination, &mut scratch, panel);
                }
            }
        });
        Self { taps: transformed, inputs, outputs, size, data }
    }

    /// Packs the matrix `weight(output, input)`, with zeros for the inputs missing from the last group.
    pub fn from_fn(outputs: usize, inputs: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let (depth, size) = (inputs.next_multiple_of(T::GROUP), T::panel_width());
        let mut data = vec![T::default(); depth * outputs.next_multiple_of(LANES)];
        for (index, panel) in data.chunks_mut(depth * size).enumerate() {
            let first = index * size;
            let used = (outputs - first).min(size);
            let width = padded_width(size, outputs, first);
            for (group, line) in panel.chunks_exact_mut(width * T::GROUP).enumerate() {
                for (output, weights) in line.chunks_exact_mut(T::GROUP).take(used).enumerate() {
                    for (at, narrowed) in weights.iter_mut().enumerate() {
                        let input = group * T::GROUP + at;
                        if input < inputs {
                            *narrowed = T::narrow(weight(first + output, input));
                        }
                    }
                }
            }
        }
        Self { taps: 1, inputs: depth, outputs, size, data }
    }

    /// How many panels there are.
    pub fn count(&self) -> usize {
        self.outputs.div_ceil(self.size)
    }

    /// The weights of a panel, and its width in outputs with the padding.
    pub fn panel(&self, index: usize) -> (&[T], usize) {
        let first = index * self.size;
        let width = padded_width(self.size, self.outputs, first);
        let start = first * self.taps * self.inputs;
        (&self.data[start..start + self.taps * self.inputs * width], width)
    }

    /// Asserts that each weight is where this type's documentation says.
    #[cfg(test)]
    pub fn assert_weights(&self, weight: impl Fn(usize, usize, usize) -> f32) {
        for output in 0..self.outputs {
            let (panel, width) = self.panel(output / self.size);
            for input in 0..self.inputs {
                for tap in 0..self.taps {
                    let group = input / T::GROUP * T::GROUP;
                    let at = (tap * self.inputs + group) * width + output % self.size * T::GROUP + input % T::GROUP;
                    assert_eq!(panel[at].widen(), weight(output, input, tap), "{output} {input} {tap}");
                }
            }
        }
    }
}

/// The width of the panel that begins with the output `first`, with the padding.
fn padded_width(size: usize, outputs: usize, first: usize) -> usize {
    (outputs - first).min(size).next_multiple_of(LANES)
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};

    use super::*;
    use crate::kernels::packing::taps::{Strip, Unchanged};

    #[test]
    fn each_weight_is_where_the_microkernels_read_it() {
        let (outputs, inputs, taps) = (70, 42, 9);
        // Small whole numbers, which bfloat16 holds exactly.
        let number = |at: usize| (at % 251) as f32;
        let weights: Vec<f32> = (0..outputs * inputs * taps).map(number).collect();
        let weight = |output: usize, input: usize, tap: usize| number((output * inputs + input) * taps + tap);
        Panels::<f32>::new(Weights::F32(&weights), outputs, inputs, taps, Unchanged).assert_weights(weight);
        let panels = Panels::<bf16>::new(Weights::F32(&weights), outputs, inputs, taps, Unchanged);
        panels.assert_weights(weight);
        assert_eq!(panels.panel(1).1, 16, "6 outputs padded to 16");
    }

    #[test]
    fn a_matrix_is_padded_to_whole_groups_of_inputs() {
        let panels = Panels::<bf16>::from_fn(70, 5, |output, input| (output + input) as f32);
        assert_eq!(panels.inputs, 6);
        panels.assert_weights(|output, input, _| if input < 5 { (output + input) as f32 } else { 0.0 });
    }

    #[test]
    fn half_precision_weights_keep_their_values() {
        let half: Vec<f16> = (0..12).map(|i| f16::from_f32(i as f32 / 8.0)).collect();
        let panels = Panels::<f32>::new(Weights::F16(&half), 3, 4, 1, Unchanged);
        panels.assert_weights(|output, input, _| (output * 4 + input) as f32 / 8.0);
    }

    /// Replaces three taps by four sums of them.
    #[derive(Clone, Copy)]
    struct Sums;

    impl TapTransform for Sums {
        fn count(self, taps: usize) -> usize {
            taps + 1
        }

        fn apply<'a>(self, kernels: &'a Strip, scratch: &'a mut Strip) -> &'a Strip {
            for input in 0..STRIP {
                let taps = [kernels[0][input], kernels[1][input], kernels[2][input]];
                for (at, sums) in scratch[..4].iter_mut().enumerate() {
                    sums[input] = taps[..at].iter().sum();
                }
            }
            scratch
        }
    }

    #[test]
    fn transformed_taps_take_the_place_of_the_taps() {
        // 45 inputs: a whole strip and an odd rest.
        let (outputs, inputs) = (70, 45);
        let tap = |output: usize, input: usize, tap: usize| ((output * 31 + input * 7 + tap * 3) % 40) as f32;
        let weights: Vec<f32> =
            (0..outputs * inputs * 3).map(|at| tap(at / 3 / inputs, at / 3 % inputs, at % 3)).collect();
        let panels = Panels::<f32>::new(Weights::F32(&weights), outputs, inputs, 3, Sums);
        assert_eq!(panels.taps, 4);
        panels.assert_weights(|output, input, at| (0..at).map(|at| tap(output, input, at)).sum());
    }
}
