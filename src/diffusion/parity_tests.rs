//! The starter here and in PyTorch: the same numbers at every stage.
//!
//! The reference was written by `python -m starter.reference` in training/ (PyTorch 2.15, diffusers
//! 0.42, transformers 5.23, all in f32).

use std::collections::HashMap;

use candle_core::{Device, Tensor};

use crate::diffusion::model::Model;
use crate::diffusion::networks::unet::Conditions;
use crate::diffusion::watch::Watch;
use crate::engine::{Dtype, ModelChoice};

fn reference() -> HashMap<String, Tensor> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/starter_reference.safetensors");
    candle_core::safetensors::load(path, &Device::Cpu).expect("the reference")
}

/// The largest difference, relative to the largest value.
fn gap(ours: &Tensor, theirs: &Tensor) -> f32 {
    let largest = |t: &Tensor| t.abs().and_then(|t| t.flatten_all()?.max(0)?.to_scalar::<f32>()).expect("a number");
    assert_eq!(ours.dims(), theirs.dims());
    largest(&(ours - theirs).expect("same shape")) / largest(theirs)
}

#[test]
fn every_stage_agrees_with_pytorch_to_one_part_in_ten_thousand() {
    let model = Model::load_for_test(&ModelChoice::Starter, Dtype::F32).expect("the starter");
    let (reference, watch) = (reference(), Watch::default());
    let of = |name: &str| &reference[name];

    let prompts = [crate::engine::Settings::default().prompt, String::new()];
    let ids: Vec<Vec<u32>> =
        prompts.iter().map(|p| model.tokens.encode(p, &[]).expect("encodes").remove(0).ids).collect();
    let theirs: Vec<Vec<u32>> =
        of("ids").to_dtype(candle_core::DType::U32).and_then(|t| t.to_vec2()).expect("token ids");
    assert_eq!(ids, theirs);

    let text = |ids: &Vec<u32>| model.text.forward(ids, &[], 0, &model.device.candle).expect("text");
    let states = Tensor::cat(&ids.iter().map(text).collect::<Vec<_>>(), 0).expect("both");
    let mut gaps = vec![("text states", gap(&states, of("states")))];
    for timestep in [3.0, 412.5, 999.0] {
        let conditions = Conditions { timestep, states: of("states"), cfg_scale: 1.0, residuals: None, regions: None };
        let ours = model.unet.forward(of("latent"), &conditions, &watch).expect("unet");
        gaps.push(("unet", gap(&ours, of(&format!("unet_{timestep:.1}")))));
    }
    gaps.push(("encode", gap(&model.vae.encode(of("image"), &watch).expect("encode"), of("encoded"))));
    gaps.push(("decode", gap(&model.vae.decode(of("encoded"), &watch).expect("decode"), of("decoded"))));
    println!("{gaps:?}");
    for (stage, gap) in gaps {
        assert!(gap < 1e-4, "{stage}: {gap}");
    }
}
