//! Weights in the order the kernels read them.

use half::{bf16, f16};

use super::conv::ConvShape;
use super::cpu::for_each_cpu;
use super::doubling::{self, Doubled};
use super::element::{Element, Precision};
use super::memory::made_of_pieces;
use super::winograd;

/// The widest panel, in output channels; [`Element::panel`] says how wide they are on this machine.
pub(super) const PANEL: usize = 64;
/// Panels are multiples of this wide.
pub(super) const LANES: usize = 16;
/// How many inputs of all outputs of a panel are put in order together: few enough that the places
/// written stay in the cache, and whole vectors.
const STRIP: usize = 32;
/// The most numbers that a kernel has for one input and output.
const MOST_TAPS: usize = 16;

/// Kernels of a strip of inputs: for each tap, the inputs side by side.
pub(super) type Strip = [[f32; STRIP]; MOST_TAPS];

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
            Self::F16(values) => widen_f16(&values[from..from + output.len()], output),
            Self::Bf16(values) => widen_bf16(&values[from..from + output.len()], output),
        }
    }
}

for_each_cpu! {
    /// Half precision as f32.
    fn widen_f16(values: &[f16], output: &mut [f32]) = widen_f16_body
}

#[inline(always)]
fn widen_f16_body(values: &[f16], output: &mut [f32]) {
    for (output, value) in output.iter_mut().zip(values) {
        let bits = u32::from(value.to_bits());
        // With the exponent's bits where an f32 has them, only its bias is wrong: one product mends that, of
        // the smallest numbers too. Infinities and NaN have an exponent of their own.
        let magnitude = (bits & 0x7fff) << 13;
        let mended = (f32::from_bits(magnitude) * f32::from_bits((254 - 15) << 23)).to_bits();
        let finite = if magnitude < 0x7c00 << 13 { mended } else { magnitude | 0xff << 23 };
        *output = f32::from_bits(finite | (bits & 0x8000) << 16);
    }
}

for_each_cpu! {
    /// bfloat16 as f32.
    fn widen_bf16(values: &[bf16], output: &mut [f32]) = widen_bf16_body
}

#[inline(always)]
fn widen_bf16_body(values: &[bf16], output: &mut [f32]) {
    for (output, value) in output.iter_mut().zip(values) {
        *output = value.wide();
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
        let kind = match precision {
            Precision::Bf16 if inputs.is_multiple_of(bf16::GROUP) => {
                Kind::TurnedBf16(Panels::made(weight, outputs, inputs, 9, Turning::Winograd))
            }
            _ => Kind::TurnedF32(Panels::made(weight, outputs, inputs, 9, Turning::Winograd)),
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

/// Panels of up to `size` output channels; in a panel, for each tap and each group of
/// [`Element::GROUP`] input channels, the panel's outputs side by side, each with its group. The last
/// panel is padded with zeros to a multiple of 16 outputs.
pub(super) struct Panels<T> {
    pub taps: usize,
    pub inputs: usize,
    pub outputs: usize,
    /// Outputs of a whole panel.
    pub size: usize,
    data: Vec<T>,
}

/// What becomes of a kernel's taps.
#[derive(Clone, Copy)]
pub(super) enum Turning {
    /// They stay.
    None,
    /// Nine become Winograd's 16.
    Winograd,
    /// Nine become the four of one position in a doubled pixel, see [`doubling`].
    Doubling(usize),
}

impl Turning {
    /// How many numbers there are in place of `taps`.
    fn makes(self, taps: usize) -> usize {
        match self {
            Self::None => taps,
            Self::Winograd => winograd::POINTS,
            Self::Doubling(_) => doubling::POINTS,
        }
    }
}

/// Where the kernels of an output and a strip of inputs go.
#[derive(Clone, Copy)]
pub struct Cell {
    taps: usize,
    turning: Turning,
    /// Padded outputs of the panel.
    width: usize,
    /// Numbers of one tap in the panel.
    plane: usize,
    /// The first input's place in the first tap's plane.
    at: usize,
}

/// Room for what lies between a file's order and the panel's.
pub struct Between {
    apart: Strip,
    turned: Strip,
}

for_each_cpu! {
    /// Puts the kernels `[inputs, taps]` of one output and a strip of inputs into its panel.
    pub(super) fn put_f32(kernels: &[f32], cell: Cell, between: &mut Between, panel: &mut [f32]) = put
}

for_each_cpu! {
    /// The same, rounded.
    pub(super) fn put_bf16(kernels: &[f32], cell: Cell, between: &mut Between, panel: &mut [bf16]) = put
}

#[inline(always)]
fn put<T: Element>(kernels: &[f32], cell: Cell, between: &mut Between, panel: &mut [T]) {
    let Cell { taps, turning, width, plane, at } = cell;
    let Between { apart, turned } = between;
    let count = kernels.len() / taps;
    if taps == 1 {
        apart[0][..count].copy_from_slice(kernels);
    } else {
        for (tap, row) in apart[..taps].iter_mut().enumerate() {
            for (value, kernel) in row.iter_mut().zip(kernels.chunks_exact(taps)) {
                *value = kernel[tap];
            }
        }
    }
    let made = match turning {
        Turning::None => apart,
        Turning::Winograd => winograd::turn_kernels(apart, turned),
        Turning::Doubling(position) => doubling::sum_kernels(position, apart, turned),
    };
    for (tap, row) in made[..turning.makes(taps)].iter().enumerate() {
        let mut narrow = [T::default(); STRIP];
        for (narrow, value) in narrow.iter_mut().zip(row) {
            *narrow = T::narrow(*value);
        }
        let lines = panel[tap * plane + at..].chunks_mut(width * T::GROUP);
        for (line, group) in lines.zip(narrow[..count].chunks_exact(T::GROUP)) {
            line[..T::GROUP].copy_from_slice(group);
        }
    }
}

impl<T: Element> Panels<T> {
    fn of(weight: Weights<'_>, outputs: usize, inputs: usize, taps: usize) -> Self {
        Self::made(weight, outputs, inputs, taps, Turning::None)
    }

    /// From kernels of `taps` numbers (`[outputs, inputs, taps]`).
    pub fn made(weight: Weights<'_>, outputs: usize, inputs: usize, taps: usize, turning: Turning) -> Self {
        let made = turning.makes(taps);
        debug_assert!(inputs.is_multiple_of(T::GROUP) && taps.max(made) <= MOST_TAPS);
        let size = T::panel();
        let lengths: Vec<usize> =
            (0..outputs).step_by(size).map(|first| made * inputs * panel_width(size, outputs, first)).collect();
        let data = made_of_pieces(lengths.into_iter(), |index, panel: &mut [T]| {
            let first = index * size;
            let used = (outputs - first).min(size);
            let width = panel_width(size, outputs, first);
            let plane = inputs * width;
            let mut wide = [0.0; STRIP * MOST_TAPS];
            let mut between = Between { apart: [[0.0; STRIP]; MOST_TAPS], turned: [[0.0; STRIP]; MOST_TAPS] };
            for strip in (0..inputs).step_by(STRIP) {
                let wide = &mut wide[..STRIP.min(inputs - strip) * taps];
                for output in 0..used {
                    weight.widen(((first + output) * inputs + strip) * taps, wide);
                    let cell = Cell { taps, turning, width, plane, at: strip * width + output * T::GROUP };
                    T::put(wide, cell, &mut between, panel);
                }
            }
        });
        Self { taps: made, inputs, outputs, size, data }
    }

    /// Packs the matrix `weight(output, input)`; inputs are filled up with zeros to whole groups.
    pub fn from_fn(outputs: usize, inputs: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let (depth, size) = (inputs.next_multiple_of(T::GROUP), T::panel());
        let mut data = vec![T::default(); depth * outputs.next_multiple_of(LANES)];
        for (index, panel) in data.chunks_mut(depth * size).enumerate() {
            let first = index * size;
            let used = (outputs - first).min(size);
            let width = panel_width(size, outputs, first);
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
        Self { taps: 1, inputs: depth, outputs, size, data }
    }

    pub fn count(&self) -> usize {
        self.outputs.div_ceil(self.size)
    }

    /// A panel's numbers and its padded width.
    pub fn panel(&self, index: usize) -> (&[T], usize) {
        let first = index * self.size;
        let width = panel_width(self.size, self.outputs, first);
        let start = first * self.taps * self.inputs;
        (&self.data[start..start + self.taps * self.inputs * width], width)
    }
}

fn panel_width(size: usize, outputs: usize, first: usize) -> usize {
    (outputs - first).min(size).next_multiple_of(LANES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lies_right<T: Element>(panels: &Panels<T>, outputs: usize, weight: impl Fn(usize, usize, usize) -> f32) {
        for output in 0..outputs {
            let (panel, width) = panels.panel(output / panels.size);
            for input in 0..panels.inputs {
                for tap in 0..panels.taps {
                    let group = input / T::GROUP * T::GROUP;
                    let at = (tap * panels.inputs + group) * width + output % panels.size * T::GROUP + input % T::GROUP;
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
    fn every_number_of_16_bits_is_widened_exactly() {
        let all: Vec<u16> = (0..=u16::MAX).collect();
        let mut wide = vec![0.0; all.len()];
        Weights::F16(&all.iter().map(|bits| f16::from_bits(*bits)).collect::<Vec<_>>()).widen(0, &mut wide);
        for (bits, wide) in all.iter().zip(&wide) {
            let value = f16::from_bits(*bits).to_f32();
            assert!(value.to_bits() == wide.to_bits() || value.is_nan() && wide.is_nan(), "{bits:#x}: {wide}");
        }
        Weights::Bf16(&all.iter().map(|bits| bf16::from_bits(*bits)).collect::<Vec<_>>()).widen(0, &mut wide);
        assert!(all.iter().zip(&wide).all(|(bits, wide)| wide.to_bits() == u32::from(*bits) << 16));
    }

    #[test]
    fn kernels_are_turned_and_summed_on_their_way() {
        // 45 inputs: a whole strip and an odd rest; multiples of four stay exact through the halves.
        let (outputs, inputs) = (70, 45);
        let kernel = |output: usize, input: usize| {
            std::array::from_fn::<f32, 9, _>(|tap| ((output * 31 + input * 7 + tap * tap) % 40) as f32 * 4.0)
        };
        let weight: Vec<f32> = (0..outputs * inputs).flat_map(|at| kernel(at / inputs, at % inputs)).collect();
        let winograd = Panels::<f32>::made(Weights::F32(&weight), outputs, inputs, 9, Turning::Winograd);
        let line = |v: [f32; 3]| [v[0], (v[0] + v[1] + v[2]) / 2.0, (v[0] - v[1] + v[2]) / 2.0, v[2]];
        lies_right(&winograd, outputs, |output, input, point| {
            let k = kernel(output, input);
            let columns: [f32; 3] = std::array::from_fn(|x| line([k[x], k[3 + x], k[6 + x]])[point / 4]);
            line(columns)[point % 4]
        });
        for position in 0..4 {
            let summed = Panels::<f32>::made(Weights::F32(&weight), outputs, inputs, 9, Turning::Doubling(position));
            lies_right(&summed, outputs, |output, input, point| {
                // A tap falls on the input pixel that its output pixel, one of two by two, has doubled.
                let source = |position: usize, tap: usize| (position + tap).div_ceil(2) - position;
                let falls = |tap: &usize| {
                    (source(position / 2, tap / 3), source(position % 2, tap % 3)) == (point / 2, point % 2)
                };
                (0..9).filter(falls).map(|tap| kernel(output, input)[tap]).sum()
            });
        }
    }

    #[test]
    fn a_length_that_does_not_fit_is_refused() {
        assert!(Packed::new(Weights::F32(&[0.0; 7]), 2, 4, 1, Precision::F32).is_none());
    }
}
