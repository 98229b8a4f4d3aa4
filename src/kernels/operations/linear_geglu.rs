//! A linear layer and the gate after it in one pass, so that the layer's result is never written: it is
//! twice as wide as the gate's, and takes 84 MB in each of Stable Diffusion's uppermost blocks at 512×512
//! pixels.

use half::bf16;

use super::linear::linear;
use super::packed::{InPrecision, Kernels, Packed};
use super::pointwise::geglu;
use crate::kernels::cpu::for_each_cpu;
use crate::kernels::memory::{build_in_pieces, piece_lengths};
use crate::kernels::micro::{MAX_PANEL, Multiply};
use crate::kernels::numbers::{Element, Rows, gelu};
use crate::kernels::packing::Panels;
use crate::kernels::product::{input_starts, pixels_per_piece, sum_panel};

/// GEGLU (Shazeer 2020) of a linear layer: `input` `[rows, inputs]` times the weights, plus `bias`
/// `[2·width]`; then the first half of each row times the GELU of the second half: `[rows, width]`. The
/// result equals, to the bit, that of [`linear`] followed by the gate.
///
/// # Panics
/// When a length does not fit, the number of outputs is odd, or the weights are those of a convolution.
pub fn linear_geglu<'a, T: Element>(input: impl Into<Rows<'a>>, weights: &Packed, bias: Option<&[f32]>) -> Vec<T> {
    let input = input.into();
    assert_eq!(weights.taps(), 1);
    assert!(weights.outputs().is_multiple_of(2));
    assert!(bias.is_none_or(|bias| bias.len() == weights.outputs()));
    let (rows, width) = (input.len() / weights.inputs(), weights.outputs() / 2);
    assert_eq!(rows * weights.inputs(), input.len());
    // In one pass only where each half is whole panels and every thread gets enough rows.
    let run = if width.is_multiple_of(MAX_PANEL) { pixels_per_piece(rows) } else { None };
    match (&weights.kernels, run) {
        (InPrecision::F32(Kernels::Direct(panels)), Some(run)) => {
            in_one_pass(&f32::convert_rows(&input), panels, bias, rows, run)
        }
        (InPrecision::F16(Kernels::Direct(panels)), Some(run)) => {
            in_one_pass(&f32::convert_rows(&input), panels, bias, rows, run)
        }
        (InPrecision::Bf16(Kernels::Direct(panels)), Some(run)) => {
            in_one_pass(&bf16::convert_rows(&input), panels, bias, rows, run)
        }
        _ => geglu(&linear(input, weights, bias, None), width),
    }
}

/// Works in pieces of `run` rows; in a piece, on two panels of the same place in both halves at a time.
fn in_one_pass<W: Multiply, T: Element>(
    source: &[W::Input],
    weights: &Panels<W>,
    bias: Option<&[f32]>,
    rows: usize,
    run: usize,
) -> Vec<T> {
    let width = weights.outputs / 2;
    let size = weights.size;
    let half = width / size;
    let zeros = vec![0.0; size];
    let bias = |panel: usize| bias.map_or(&zeros[..], |bias| &bias[panel * size..][..size]);
    build_in_pieces(piece_lengths(rows * width, run * width), |index, output: &mut [T]| {
        let count = output.len() / width;
        let starts = input_starts(index * run, count, 1, &|row, _| row * weights.inputs);
        let mut values = vec![0.0; count * size];
        let mut gates = vec![0.0; count * size];
        let mut buffer = Vec::new();
        for panel in 0..half {
            sum_panel(source, weights, panel, 0..1, &starts, &mut values);
            sum_panel(source, weights, panel + half, 0..1, &starts, &mut gates);
            apply_gates(&mut values, &gates, bias(panel), bias(panel + half));
            let gated = T::convert(&values, &mut buffer);
            for (row, gated) in output.chunks_exact_mut(width).zip(gated.chunks_exact(size)) {
                row[panel * size..][..size].copy_from_slice(gated);
            }
        }
    })
}

for_each_cpu! {
    /// Multiplies the rows of one panel with the GELU of the gates beside them, after adding the biases.
    fn apply_gates(values: &mut [f32], gates: &[f32], value_bias: &[f32], gate_bias: &[f32]) = apply_gates_body
}

#[inline(always)]
fn apply_gates_body(values: &mut [f32], gates: &[f32], value_bias: &[f32], gate_bias: &[f32]) {
    let width = value_bias.len();
    for (values, gates) in values.chunks_exact_mut(width).zip(gates.chunks_exact(width)) {
        for ((value, gate), (value_bias, gate_bias)) in
            values.iter_mut().zip(gates).zip(value_bias.iter().zip(gate_bias))
        {
            *value = (*value + value_bias) * gelu(gate + gate_bias);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::numbers::Precision;
    use crate::kernels::packing::Weights;

    fn number(i: usize) -> f32 {
        ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0
    }

    #[test]
    fn one_pass_equals_the_layer_and_then_the_gate() {
        // Whole panels with many rows and few, and halves that end inside a panel.
        for (inputs, width, rows) in [(40, 128, 700), (40, 128, 9), (33, 70, 700)] {
            let input: Vec<f32> = (0..rows * inputs).map(number).collect();
            let weights: Vec<f32> = (0..2 * width * inputs).map(|i| number(i + 3)).collect();
            let bias: Vec<f32> = (0..2 * width).map(|i| number(i + 7)).collect();
            for precision in [Precision::F32, Precision::F16, Precision::Bf16] {
                let packed = Packed::new(Weights::F32(&weights), 2 * width, inputs, 1, precision).expect("fits");
                for bias in [None, Some(&bias[..])] {
                    let between = linear(&input, &packed, bias, None);
                    assert!(linear_geglu::<f32>(&input, &packed, bias) == geglu::<f32>(&between, width));
                    assert!(linear_geglu::<bf16>(&input, &packed, bias) == geglu::<bf16>(&between, width));
                }
            }
        }
    }
}
