//! A linear layer and the gate behind it at once, so that what lies between is never written: it is twice as wide
//! as the result, at 512×512 pixels 84 MB in each of Stable Diffusion's uppermost blocks.

use half::bf16;

use super::conv::{add_up, linear, run_of, starts_of};
use super::cpu::for_each_cpu;
use super::element::{Element, Rows};
use super::memory::{made_of_pieces, pieces};
use super::pack::{Kind, PANEL, Packed, Panels};
use super::pointwise::{geglu, gelu};

/// GEGLU (Shazeer 2020) of a linear layer's results: `input` `[rows, inputs]` times the weights, plus `bias`
/// `[2·width]`, the first half times the GELU of the second: `[rows, width]`. To the bit what
/// [`linear`] and the gate make one after the other.
///
/// # Panics
/// When a length does not fit, or the outputs are an odd number.
pub fn linear_geglu<'a, T: Element>(input: impl Into<Rows<'a>>, weights: &Packed, bias: Option<&[f32]>) -> Vec<T> {
    let input = input.into();
    assert!(weights.outputs().is_multiple_of(2));
    assert!(bias.is_none_or(|bias| bias.len() == weights.outputs()));
    let (rows, width) = (input.len() / weights.inputs(), weights.outputs() / 2);
    assert_eq!(rows * weights.inputs(), input.len());
    // Halves of whole panels, and rows enough for every core.
    let run = if width.is_multiple_of(PANEL) { run_of(rows) } else { None };
    match (&weights.kind, run) {
        (Kind::F32(panels), Some(run)) => gated(&f32::rows(&input), panels, bias, rows, run),
        (Kind::Bf16(panels), Some(run)) => gated(&bf16::rows(&input), panels, bias, rows, run),
        _ => geglu(&linear(input, weights, bias, None), width),
    }
}

/// In pieces of `run` rows.
fn gated<W: Element, T: Element>(
    source: &[W],
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
    made_of_pieces(pieces(rows * width, run * width), |index, output: &mut [T]| {
        let count = output.len() / width;
        let starts = starts_of(index * run, count, 1, &|row, _| row * weights.inputs);
        let mut values = vec![0.0; count * size];
        let mut gates = vec![0.0; count * size];
        let mut room = Vec::new();
        for panel in 0..half {
            add_up(source, weights, panel, 0..1, &starts, &mut values);
            add_up(source, weights, panel + half, 0..1, &starts, &mut gates);
            pass(&mut values, &gates, bias(panel), bias(panel + half));
            let passed = T::kept(&values, &mut room);
            for (row, passed) in output.chunks_exact_mut(width).zip(passed.chunks_exact(size)) {
                row[panel * size..][..size].copy_from_slice(passed);
            }
        }
    })
}

for_each_cpu! {
    /// Rows of one panel through the gates beside them, a bias added to each before.
    fn pass(values: &mut [f32], gates: &[f32], value_bias: &[f32], gate_bias: &[f32]) = pass_body
}

#[inline(always)]
fn pass_body(values: &mut [f32], gates: &[f32], value_bias: &[f32], gate_bias: &[f32]) {
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
    use super::super::{Precision, Weights};
    use super::*;

    fn number(i: usize) -> f32 {
        ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0
    }

    #[test]
    fn the_gate_sees_what_the_layer_would_have_written() {
        // Whole panels with many rows and few, and halves that end inside a panel.
        for (inputs, width, rows) in [(40, 128, 700), (40, 128, 9), (33, 70, 700)] {
            let input: Vec<f32> = (0..rows * inputs).map(number).collect();
            let weight: Vec<f32> = (0..2 * width * inputs).map(|i| number(i + 3)).collect();
            let bias: Vec<f32> = (0..2 * width).map(|i| number(i + 7)).collect();
            for precision in [Precision::F32, Precision::Bf16] {
                let packed = Packed::new(Weights::F32(&weight), 2 * width, inputs, 1, precision).expect("fits");
                for bias in [None, Some(&bias[..])] {
                    let between = linear(&input, &packed, bias, None);
                    assert!(linear_geglu::<f32>(&input, &packed, bias) == geglu::<f32>(&between, width));
                    assert!(linear_geglu::<bf16>(&input, &packed, bias) == geglu::<bf16>(&between, width));
                }
            }
        }
    }
}
