//! Weights in the order the kernels read them.

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::conv::ConvShape;
use super::doubling::Doubled;
use super::element::{Element, Precision};
use super::memory::made_of_pieces;
use super::winograd;

/// The widest panel, in output channels.
pub(super) const PANEL: usize = 64;
/// Panels are multiples of this wide.
pub(super) const LANES: usize = 16;
/// How many inputs of all outputs of a panel are put in order together, so that the places written
/// stay in the cache.
const STRIP: usize = 32;
/// The most numbers that a kernel has for one input and output.
const MOST_TAPS: usize = 16;

/// A convolution's or linear layer's weights, in the kernels' order.
pub struct Packed {
    pub(super) kind: Kind,
    taps: usize,
    inputs: usize,
    outputs: usize,
}

pub(super) enum Kind {
    F32(Panels<f32>),
    Bf16(Panels<bf16>),
    TurnedF32(Panels<f32>),
    TurnedBf16(Panels<bf16>),
    DoubledF32(Doubled<f32>),
    DoubledBf16(Doubled<bf16>),
}

/// Weights as a file holds them.
#[derive(Clone, Copy, Debug)]
pub enum Weights<'a> {
    /// 32 bits.
    F32(&'a [f32]),
    /// 16 bits, as most files have them.
    F16(&'a [f16]),
    /// bfloat16.
    Bf16(&'a [bf16]),
}

impl Weights<'_> {
    fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F16(values) => values.len(),
            Self::Bf16(values) => values.len(),
        }
    }

    /// The numbers from `from` on as f32.
    fn widen(&self, from: usize, output: &mut [f32]) {
        match self {
            Self::F32(values) => output.copy_from_slice(&values[from..from + output.len()]),
            Self::F16(values) => values[from..from + output.len()].convert_to_f32_slice(output),
            Self::Bf16(values) => values[from..from + output.len()].convert_to_f32_slice(output),
        }
    }
}

impl Packed {
    /// Packs `weight` `[outputs, inputs, taps]` (a 3×3 kernel has nine taps, row by row; a linear
    /// layer one). `None` when the length does not fit the shape.
    ///
    /// An odd number of inputs stays f32, since bfloat16 goes in pairs.
    pub fn new(weight: Weights<'_>, outputs: usize, inputs: usize, taps: usize, precision: Precision) -> Option<Self> {
        if weight.len() != outputs * inputs * taps || outputs == 0 || inputs == 0 || taps == 0 {
            return None;
        }
        let kind = match precision {
            Precision::Bf16 if inputs.is_multiple_of(bf16::GROUP) => {
                Kind::Bf16(Panels::of(weight, outputs, inputs, taps))
            }
            _ => Kind::F32(Panels::of(weight, outputs, inputs, taps)),
        };
        Some(Self { kind, taps, inputs, outputs })
    }

    /// Packs a 3×3 kernel `[outputs, inputs, 9]` for Winograd's convolution with step 1, where that
    /// pays: 16 numbers for nine, and four ninths of the products. `None` when the length does not fit
    /// the shape.
    pub fn turned(weight: Weights<'_>, outputs: usize, inputs: usize, precision: Precision) -> Option<Self> {
        if !winograd::pays(inputs, outputs) {
            return Self::new(weight, outputs, inputs, 9, precision);
        }
        if weight.len() != outputs * inputs * 9 {
            return None;
        }
        let points = winograd::POINTS;
        let kind = match precision {
            Precision::Bf16 if inputs.is_multiple_of(bf16::GROUP) => {
                Kind::TurnedBf16(Panels::filled(weight, outputs, inputs, 9, points, winograd::turn_kernel))
            }
            _ => Kind::TurnedF32(Panels::filled(weight, outputs, inputs, 9, points, winograd::turn_kernel)),
        };
        Some(Self { kind, taps: 9, inputs, outputs })
    }

    /// Packs a 3×3 kernel `[outputs, inputs, 9]` for inputs whose pixels are all doubled in both
    /// directions; `None` when the length does not fit the shape.
    pub fn doubling(weight: Weights<'_>, outputs: usize, inputs: usize, precision: Precision) -> Option<Self> {
        if weight.len() != outputs * inputs * 9 || outputs == 0 || inputs == 0 {
            return None;
        }
        let kind = match precision {
            Precision::Bf16 if inputs.is_multiple_of(bf16::GROUP) => {
                Kind::DoubledBf16(Doubled::of(weight, outputs, inputs))
            }
            _ => Kind::DoubledF32(Doubled::of(weight, outputs, inputs)),
        };
        Some(Self { kind, taps: 9, inputs, outputs })
    }

    /// Rows and columns that a convolution of this shape makes with these weights.
    pub fn output(&self, shape: &ConvShape) -> (usize, usize) {
        match self.kind {
            Kind::F32(_) | Kind::Bf16(_) | Kind::TurnedF32(_) | Kind::TurnedBf16(_) => shape.output(),
            Kind::DoubledF32(_) | Kind::DoubledBf16(_) => (2 * shape.height, 2 * shape.width),
        }
    }

    /// Output channels.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Input channels.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// What it is kept in.
    pub fn precision(&self) -> Precision {
        match self.kind {
            Kind::F32(_) | Kind::TurnedF32(_) | Kind::DoubledF32(_) => Precision::F32,
            Kind::Bf16(_) | Kind::TurnedBf16(_) | Kind::DoubledBf16(_) => Precision::Bf16,
        }
    }

    /// Taps of the kernel; 1 for a linear layer.
    pub fn taps(&self) -> usize {
        self.taps
    }
}

/// Panels of up to 64 output channels; in a panel, for each tap and each group of
/// [`Element::GROUP`] input channels, the panel's outputs side by side, each with its group. The last
/// panel is padded with zeros to a multiple of 16 outputs.
pub(super) struct Panels<T> {
    pub taps: usize,
    pub inputs: usize,
    pub outputs: usize,
    data: Vec<T>,
}

impl<T: Element> Panels<T> {
    fn of(weight: Weights<'_>, outputs: usize, inputs: usize, taps: usize) -> Self {
        Self::filled(weight, outputs, inputs, taps, taps, |kernel, turned| turned.copy_from_slice(kernel))
    }

    /// From kernels of `taps` numbers (`[outputs, inputs, taps]`), each made into `made` by `turn`.
    pub fn filled(
        weight: Weights<'_>,
        outputs: usize,
        inputs: usize,
        taps: usize,
        made: usize,
        turn: impl Fn(&[f32], &mut [f32]) + Sync,
    ) -> Self {
        debug_assert!(inputs.is_multiple_of(T::GROUP) && taps.max(made) <= MOST_TAPS);
        let mut lengths: Vec<usize> = vec![made * inputs * PANEL; outputs / PANEL];
        lengths.extend(
            (!outputs.is_multiple_of(PANEL)).then(|| made * inputs * panel_width(outputs, outputs - outputs % PANEL)),
        );
        let data = made_of_pieces(lengths.into_iter(), |index, panel: &mut [T]| {
            let first = index * PANEL;
            let used = (outputs - first).min(PANEL);
            let width = panel_width(outputs, first);
            let (mut wide, mut turned) = ([0.0; STRIP * MOST_TAPS], [0.0; MOST_TAPS]);
            for strip in (0..inputs).step_by(STRIP) {
                let strip = strip..(strip + STRIP).min(inputs);
                for output in 0..used {
                    let from = ((first + output) * inputs + strip.start) * taps;
                    let wide = &mut wide[..strip.len() * taps];
                    weight.widen(from, wide);
                    for (input, kernel) in strip.clone().zip(wide.chunks_exact(taps)) {
                        turn(kernel, &mut turned[..made]);
                        let group = input / T::GROUP * T::GROUP;
                        let to = group * width + output * T::GROUP + input % T::GROUP;
                        for (tap, value) in turned[..made].iter().enumerate() {
                            panel[tap * inputs * width + to] = T::narrow(*value);
                        }
                    }
                }
            }
        });
        Self { taps: made, inputs, outputs, data }
    }

    /// Packs the matrix `weight(output, input)`; inputs are filled up with zeros to whole groups.
    pub fn from_fn(outputs: usize, inputs: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let depth = inputs.next_multiple_of(T::GROUP);
        let mut data = vec![T::default(); depth * outputs.next_multiple_of(LANES)];
        for (index, panel) in data.chunks_mut(depth * PANEL).enumerate() {
            let first = index * PANEL;
            let used = (outputs - first).min(PANEL);
            let width = panel_width(outputs, first);
            for (group, row) in panel.chunks_exact_mut(width * T::GROUP).enumerate() {
                for (output, cell) in row.chunks_exact_mut(T::GROUP).take(used).enumerate() {
                    for (at, cell) in cell.iter_mut().enumerate() {
                        let input = group * T::GROUP + at;
                        if input < inputs {
                            *cell = T::from_f32(weight(first + output, input));
                        }
                    }
                }
            }
        }
        Self { taps: 1, inputs: depth, outputs, data }
    }

    pub fn count(&self) -> usize {
        self.outputs.div_ceil(PANEL)
    }

    /// A panel's numbers and its padded width.
    pub fn panel(&self, index: usize) -> (&[T], usize) {
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

    fn lies_right<T: Element>(panels: &Panels<T>, outputs: usize, weight: impl Fn(usize, usize, usize) -> f32) {
        for output in 0..outputs {
            let (panel, width) = panels.panel(output / PANEL);
            for input in 0..panels.inputs {
                for tap in 0..panels.taps {
                    let group = input / T::GROUP * T::GROUP;
                    let at = (tap * panels.inputs + group) * width + output % PANEL * T::GROUP + input % T::GROUP;
                    assert_eq!(panel[at].wide(), weight(output, input, tap));
                }
            }
        }
    }

    #[test]
    fn each_weight_lies_where_the_kernel_looks_for_it() {
        let (outputs, inputs, taps) = (70, 42, 9);
        // Small whole numbers, which bfloat16 holds exactly.
        let number = |at: usize| (at % 251) as f32;
        let weight: Vec<f32> = (0..outputs * inputs * taps).map(number).collect();
        let place = |output: usize, input: usize, tap: usize| number((output * inputs + input) * taps + tap);
        for precision in [Precision::F32, Precision::Bf16] {
            let packed = Packed::new(Weights::F32(&weight), outputs, inputs, taps, precision).expect("fits");
            match (&packed.kind, precision) {
                (Kind::F32(panels), Precision::F32) => lies_right(panels, outputs, place),
                (Kind::Bf16(panels), Precision::Bf16) => {
                    lies_right(panels, outputs, place);
                    assert_eq!(panels.panel(1).1, 16, "6 outputs padded to 16");
                }
                _ => panic!("packed in the wrong kind"),
            }
        }
        lies_right(&Panels::<bf16>::from_fn(70, 5, |o, i| (o + i) as f32), 70, |o, i, _| {
            if i < 5 { (o + i) as f32 } else { 0.0 }
        });
    }

    #[test]
    fn files_of_16_bits_are_packed_as_they_are() {
        let half: Vec<f16> = (0..12).map(|i| f16::from_f32(i as f32 / 8.0)).collect();
        let packed = Packed::new(Weights::F16(&half), 3, 4, 1, Precision::F32).expect("fits");
        let Kind::F32(panels) = &packed.kind else { panic!("packed in the wrong kind") };
        lies_right(panels, 3, |o, i, _| (o * 4 + i) as f32 / 8.0);
    }

    #[test]
    fn a_length_that_does_not_fit_is_refused() {
        assert!(Packed::new(Weights::F32(&[0.0; 7]), 2, 4, 1, Precision::F32).is_none());
    }
}
