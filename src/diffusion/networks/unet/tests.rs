//! Residuals from a control network, on the starter's UNet.

use candle_core::{DType, Device, Tensor};

use super::config::UNetConfig;
use super::{Conditions, Residuals};
use crate::diffusion::files::source::Source;
use crate::diffusion::model::Model;
use crate::diffusion::watch::Watch;
use crate::engine::{Dtype, Error, ModelChoice};

const BATCH: usize = 2;
const SIDE: usize = 16;

fn model() -> Model {
    Model::load_for_test(&ModelChoice::Starter, Dtype::F32).expect("the starter")
}

/// Residuals of the documented shapes, all of one value.
fn residuals(skip: impl Fn(usize) -> f32, middle: f32) -> Residuals {
    let config: UNetConfig = Source::Starter.required_json("unet/config.json", "UNet").expect("config");
    let widths = &config.block_out_channels;
    let mut shapes = vec![(BATCH, SIDE, SIDE, widths[0])];
    let mut side = SIDE;
    for (level, &width) in widths.iter().enumerate() {
        let at = |side| (BATCH, side, side, width);
        shapes.extend(std::iter::repeat_n(at(side), config.layers_per_block.at(level)));
        if level + 1 < widths.len() {
            side /= 2;
            shapes.push(at(side));
        }
    }
    let lowest = (BATCH, side, side, widths[widths.len() - 1]);
    let full = |value: f32, shape| Tensor::full(value, shape, &Device::Cpu).expect("tensor");
    Residuals {
        skips: shapes.iter().enumerate().map(|(index, shape)| full(skip(index), *shape)).collect(),
        middle: Some(full(middle, lowest)),
        levels: Vec::new(),
    }
}

fn predict(model: &Model, residuals: Option<&Residuals>) -> Result<Vec<f32>, Error> {
    let values: Vec<f32> = (0..BATCH * 4 * SIDE * SIDE).map(|i| ((i * 37) % 101) as f32 / 50.0 - 1.0).collect();
    let x = Tensor::from_vec(values, (BATCH, 4, SIDE, SIDE), &Device::Cpu)?;
    let width = model.text.width()?;
    let states = (Tensor::ones((BATCH, 77, width), DType::F32, &Device::Cpu)? * 0.3)?;
    let conditions = Conditions { timestep: 500.0, states: &states, cfg_scale: 1.0, residuals, regions: None };
    Ok(model.unet.forward(&x, &conditions, &Watch::default())?.flatten_all()?.to_vec1()?)
}

#[test]
fn zero_residuals_change_nothing_and_any_other_changes_the_prediction() {
    let model = model();
    let plain = predict(&model, None).expect("predicts");
    let zero = residuals(|_| 0.0, 0.0);
    let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&predict(&model, Some(&zero)).expect("predicts")), bits(&plain));
    for index in 0..zero.skips.len() {
        let one = residuals(|skip| if skip == index { 0.1 } else { 0.0 }, 0.0);
        assert_ne!(predict(&model, Some(&one)).expect("predicts"), plain, "skip {index}");
    }
    assert_ne!(predict(&model, Some(&residuals(|_| 0.0, 0.1))).expect("predicts"), plain, "middle");
}

#[test]
fn residuals_of_another_network_are_refused() {
    let model = model();
    let mut fewer = residuals(|_| 0.0, 0.0);
    fewer.skips.pop();
    let text = predict(&model, Some(&fewer)).expect_err("too few").to_string();
    assert!(text.contains("residuals") && text.contains("skip connections"), "{text}");
    let mut wide = residuals(|_| 0.0, 0.0);
    wide.skips[0] = Tensor::zeros((BATCH, SIDE, SIDE, 3), DType::F32, &Device::Cpu).expect("tensor");
    predict(&model, Some(&wide)).expect_err("another shape");
}
