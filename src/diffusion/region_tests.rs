//! Regions here and in diffusers, on random weights; and what they do in a job.
//!
//! tests/fixtures/regions.py wrote the reference and says how; weights are made by the rule of model_kinds.py.

use std::sync::Arc;

use candle_core::{Device, Tensor};
use image::{GrayImage, Luma};

use super::control_tests::{engine, model, request};
use super::kind_tests::{fixture, gap};
use crate::diffusion::model::Model;
use crate::diffusion::networks::unet::{Conditions, RegionMasks, RegionTexts};
use crate::diffusion::watch::Watch;
use crate::engine::{Cancel, Dtype, Engine, Event, Mask, ModelChoice, Plan, RegionPrompt, Request, Settings};

#[test]
fn cross_attention_to_regions_is_the_plain_formula() {
    let reference = candle_core::safetensors::load(fixture("regions.safetensors"), &Device::Cpu).expect("reads");
    let kinds = candle_core::safetensors::load(fixture("model_kinds.safetensors"), &Device::Cpu).expect("reads");
    let folder = tempfile::tempdir().expect("folder");
    let model = Model::load_for_test(&model(folder.path()), Dtype::F32).expect("loads");
    let levels: Vec<Vec<Vec<f32>>> = reference["masks"].to_vec3().expect("numbers");
    let mask = |rows: &Vec<Vec<f32>>| {
        let (width, height) = (rows[0].len() as u32, rows.len() as u32);
        GrayImage::from_fn(width, height, |x, y| Luma([rows[y as usize][x as usize] as u8]))
    };
    let masks = Arc::new(RegionMasks::new(levels.iter().map(mask).collect(), &Device::Cpu));
    let both_rows = |index: usize| {
        let region = reference["regions"].narrow(0, index, 1).expect("a region");
        Tensor::cat(&[&region, &region], 0).expect("rows")
    };
    let regions = RegionTexts { states: vec![both_rows(0), both_rows(1)], negatives: 1, masks };
    let states = &kinds["sd1.states"];
    let plain = Conditions { timestep: 412.5, states, cfg_scale: 1.0, residuals: None, regions: None };
    let conditions = Conditions { regions: Some(&regions), ..plain };
    let ours = model.unet.forward(&reference["latent"], &conditions, &Watch::default()).expect("unet");
    let far = gap(&ours, &reference["unet"]);
    println!("{far:e}");
    assert!(far < 1e-4, "{far}");
    let plain = model.unet.forward(&reference["latent"], &plain, &Watch::default()).expect("unet");
    let row =
        |t: &Tensor, row: usize| t.narrow(0, row, 1).and_then(|t| t.flatten_all()?.to_vec1::<f32>()).expect("row");
    assert_eq!(row(&ours, 0), row(&plain, 0), "the row of the negative prompt stays as it is");
    assert_ne!(row(&ours, 1), row(&plain, 1));
}

/// A request with these regions, each with the columns from one to another.
fn with_regions(model: &ModelChoice, regions: &[(&str, u32, u32)], change: impl FnOnce(&mut Settings)) -> Request {
    let plain = request(model, Vec::new());
    let prompts = regions.iter().map(|(prompt, ..)| RegionPrompt { prompt: (*prompt).into(), layer: None });
    let masks = regions.iter().map(|(_, from, to)| Mask::from_fn(64, 64, |x, _| (*from..*to).contains(&x)));
    let plan = Plan { regions: masks.collect(), ..Plan::default() };
    let mut settings = Settings { regions: prompts.collect(), steps: 6, ..plain.settings.clone() };
    change(&mut settings);
    Request::planned(model.clone(), settings, plan, plain.start().cloned().map(Arc::new))
}

fn made(request: &Request) -> (Vec<u8>, Vec<String>) {
    let (mut pixels, mut notices) = (Vec::new(), Vec::new());
    engine()
        .generate(request, &Cancel::default(), &mut |event| match event {
            Event::Finished(made) => pixels.extend(made.picture.into_raw()),
            Event::Notice(text) => notices.push(text),
            _ => {}
        })
        .expect("makes it");
    (pixels, notices)
}

#[test]
fn a_region_counts_where_it_lies_and_one_that_covers_nothing_is_told() {
    let folder = tempfile::tempdir().expect("folder");
    let model = model(folder.path());
    let of = |regions: &[(&str, u32, u32)]| made(&with_regions(&model, regions, |_| {}));
    let plain = made(&with_regions(&model, &[], |_| {})).0;
    let (left, notices) = of(&[("a wooden table", 0, 32)]);
    assert_ne!(left, plain);
    assert_eq!(notices, [""; 0]);
    assert_eq!(of(&[("a wooden table", 0, 32)]).0, left, "the same again");
    assert_ne!(of(&[("a wooden table", 32, 64)]).0, left);
    let (nothing, notices) = of(&[("a wooden table", 0, 0)]);
    assert_eq!((nothing, notices.len()), (plain.clone(), 1));
    assert!(notices[0].contains("\"a wooden table\" covers nothing"), "{notices:?}");
    assert_eq!(of(&[(" ", 0, 32)]).0, plain, "without a prompt there is no region");
    // A region over everything is as if its text, with the prompt behind it, were the prompt.
    let whole = of(&[("a wooden table", 0, 64)]).0;
    let mut alone = with_regions(&model, &[], |_| {});
    alone.settings.prompt = format!("a wooden table, {}", alone.settings.prompt);
    let far = whole.iter().zip(made(&alone).0).map(|(a, b)| a.abs_diff(b)).max();
    assert!(far <= Some(1), "{far:?}");
    let tags = of(&[("a wooden table <lora:x:1>", 0, 32)]);
    assert!(tags.0 == left && tags.1.len() == 1 && tags.1[0].contains("whole picture"), "{:?}", tags.1);
}

#[test]
fn regions_go_with_guidance_prompts_joined_by_and_and_batches() {
    let folder = tempfile::tempdir().expect("folder");
    let model = model(folder.path());
    let regions = [("a wooden table", 0, 32), ("a [red:green:0.5] pear", 24, 64)];
    let batch = made(&with_regions(&model, &regions, |settings| settings.batch = 2)).0;
    let alone = |seed: i64| made(&with_regions(&model, &regions, |settings| settings.seed = seed)).0;
    assert_eq!(batch, [alone(42), alone(43)].concat(), "a picture of a batch is the one made alone");
    let joined = |prompt: &str| made(&with_regions(&model, &regions, |settings| settings.prompt = prompt.into())).0;
    assert_ne!(joined("an apple AND a house"), joined("an apple"));
    let unguided = made(&with_regions(&model, &regions, |settings| settings.cfg_scale = 1.0)).0;
    assert_ne!(unguided, batch[..unguided.len()]);
    let and = with_regions(&model, &[("a pear AND a plum", 0, 32)], |_| {});
    let error = engine().generate(&and, &Cancel::default(), &mut |_| {}).expect_err("refused").to_string();
    assert!(error.contains("cannot join prompts with AND"), "{error}");
}
