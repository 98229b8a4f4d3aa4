//! Repainting here and in the reference programs: the same pixels after each step, and the same pictures.
//!
//! tests/fixtures/inpaint.py wrote the reference with OpenCV, Pillow, k-diffusion and diffusers, and says how.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use image::{GrayImage, Rgb, RgbImage};
use serde_json::{Value, json};

use super::blur::blurred;
use super::fill::filled;
use super::latent::MaskedLatent;
use super::region::Region;
use super::{Repaint, overlay};
use crate::diffusion::LocalEngine;
use crate::diffusion::kind_tests::{fixture, write};
use crate::diffusion::model::Model;
use crate::diffusion::pipeline::extra_input::extra_input;
use crate::diffusion::pipeline::hook::NoHook;
use crate::diffusion::pipeline::job::{Job, Previews};
use crate::diffusion::pipeline::step_unets::StepUNets;
use crate::diffusion::resample::{Filter, resized};
use crate::diffusion::sampling::deep_features::DeepFeatures;
use crate::diffusion::sampling::denoiser::{Denoiser, NoiseLevel};
use crate::diffusion::sampling::extra_input::ExtraInput;
use crate::diffusion::sampling::prompt_rows::PromptRows;
use crate::diffusion::watch::Watch;
use crate::engine::{
    Cancel, Dtype, Engine, Event, Inpaint, InpaintArea, Mask, MaskedContent, ModelChoice, Plan, Request, Rng, Runtime,
    Sampler, Schedule, Settings, TiledVae,
};

const SIDE: u32 = 64;

fn reference() -> HashMap<String, Tensor> {
    candle_core::safetensors::load(fixture("inpaint.safetensors"), &Device::Cpu).expect("reads")
}

fn bytes(tensor: &Tensor) -> Vec<u8> {
    tensor.flatten_all().and_then(|t| t.to_vec1()).expect("bytes")
}

fn grey(tensor: &Tensor) -> GrayImage {
    let (height, width) = tensor.dims2().expect("a grey picture");
    GrayImage::from_raw(width as u32, height as u32, bytes(tensor)).expect("as many bytes")
}

fn color(tensor: &Tensor) -> RgbImage {
    let (height, width, _) = tensor.dims3().expect("a picture");
    RgbImage::from_raw(width as u32, height as u32, bytes(tensor)).expect("as many bytes")
}

/// The rules of `start_picture` and `large_picture` in inpaint.py.
fn start() -> RgbImage {
    RgbImage::from_fn(SIDE, SIDE, |x, y| Rgb([(x * 4) as u8, (y * 4) as u8, ((x + y) * 2) as u8]))
}

fn large() -> RgbImage {
    RgbImage::from_fn(120, 88, |x, y| Rgb([(x * 2) as u8, (y * 5) as u8, ((x * y) / 40) as u8]))
}

/// The largest difference of two pictures of one size, in levels.
fn worst(ours: &[u8], theirs: &[u8]) -> u8 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

/// The largest difference, relative to the largest value.
fn gap(ours: &Tensor, theirs: &Tensor) -> f32 {
    let largest = |t: &Tensor| t.abs().and_then(|t| t.flatten_all()?.max(0)?.to_scalar::<f32>()).expect("a number");
    assert_eq!(ours.dims(), theirs.dims());
    largest(&(ours - theirs).expect("same shape")) / largest(theirs)
}

/// A tiny model of the kind `sd1` whose UNet takes so many channels, in a folder.
fn write_model(folder: &Path, channels: usize) -> ModelChoice {
    let about: Value =
        serde_json::from_slice(&std::fs::read(fixture("model_kinds.json")).expect("reads")).expect("JSON");
    let mut kind = about["kinds"]["sd1"].clone();
    kind["unet"]["in_channels"] = json!(channels);
    kind["shapes"]["unet"]["conv_in.weight"][1] = json!(channels);
    write(folder, &kind);
    ModelChoice::from(folder)
}

fn settings(inpaint: Inpaint) -> Settings {
    let about: Value =
        serde_json::from_slice(&std::fs::read(fixture("model_kinds.json")).expect("reads")).expect("JSON");
    let text = |name: &str| about[name].as_str().expect("text").to_owned();
    Settings {
        prompt: text("prompt"),
        negative: text("negative"),
        steps: 10,
        strength: 0.75,
        cfg_scale: 6.0,
        seed: 42,
        batch: 1,
        width: SIDE as usize,
        height: SIDE as usize,
        sampler: Sampler::DpmPp2m,
        schedule: Schedule::Karras,
        rng: Rng::Cpu,
        inpaint: Some(inpaint),
        ..Settings::default()
    }
}

fn masked(choice: ModelChoice, settings: Settings, start: RgbImage, mask: GrayImage) -> Request {
    let plan = Plan { mask: Some(Mask::from_levels(mask)), ..Plan::default() };
    Request::planned(choice, settings, plan, Some(Arc::new(start)))
}

fn made(request: &Request) -> RgbImage {
    let mut made = None;
    LocalEngine::new(Runtime { dtype: Dtype::F32, ..Runtime::default() })
        .generate(request, &Cancel::default(), &mut |event| {
            if let Event::Finished(finished) = event {
                made = Some(finished.picture);
            }
        })
        .expect("runs");
    made.expect("a picture")
}

#[test]
fn pixels_are_those_of_opencv_and_pillow_to_the_bit() {
    let reference = reference();
    let of = |name: &str| &reference[name];
    let mask = grey(of("mask"));
    for deviation in [1, 9, 40] {
        assert_eq!(blurred(&mask, deviation), grey(of(&format!("blurred_{deviation}"))), "blurred by {deviation}");
    }
    let soft = blurred(&mask, 4);
    assert_eq!(filled(&start(), &soft), color(of("fill.image")));
    let places = resized(&soft, (32, 32), Filter::Bicubic);
    let free: Vec<u8> = places.iter().map(|level| u8::from(*level >= 128)).collect();
    assert_eq!(free, bytes(of("fill.free")));
    let mut kept = RgbImage::from_fn(SIDE, SIDE, |x, y| Rgb(start().get_pixel(x, y).0.map(|value| 255 - value)));
    let mut change = soft;
    change.pixels_mut().for_each(|level| level.0[0] = level.0[0].saturating_mul(2));
    overlay::keep(&mut kept, &start(), &change);
    assert_eq!(kept, color(of("kept_over")));
}

#[test]
fn the_masked_part_is_cut_out_and_scaled_as_in_the_reference() {
    let reference = reference();
    let inpaint = Inpaint { area: InpaintArea::OnlyMasked, padding: 12, ..Inpaint::default() };
    let request = masked(ModelChoice::Starter, settings(inpaint), large(), grey(&reference["large_mask"]));
    let repaint = Repaint::new(&request).expect("prepares").expect("a mask");
    let Region { x, y, width, height } = repaint.region.expect("a region");
    let theirs: Vec<i64> =
        reference["only_masked.box"].to_dtype(DType::I64).and_then(|t| t.to_vec1()).expect("numbers");
    assert_eq!([x, y, x + width, y + height].map(i64::from), theirs[..]);
    assert_eq!(repaint.source, color(&reference["only_masked.image"]));
    assert_eq!(repaint.mask, grey(&reference["only_masked.mask"]));
}

#[test]
fn pictures_with_a_masked_part_repainted_are_those_of_the_reference() {
    let reference = reference();
    let folder = tempfile::tempdir().expect("folder");
    let choice = write_model(folder.path(), 4);
    let usual = Inpaint::default();
    let content = |content| Inpaint { content, ..usual };
    let euler = |inpaint| Settings { sampler: Sampler::Euler, ..settings(inpaint) };
    let cases = [
        ("original", settings(usual)),
        ("fill", settings(content(MaskedContent::Fill))),
        ("latent_noise", euler(content(MaskedContent::LatentNoise))),
        ("latent_nothing", settings(Inpaint { blur: 0, ..content(MaskedContent::LatentNothing) })),
        ("ddim", Settings { sampler: Sampler::Ddim, ..settings(usual) }),
        ("soft", euler(Inpaint { soft: true, blur: 6, ..usual })),
        ("only_masked", settings(Inpaint { area: InpaintArea::OnlyMasked, padding: 12, ..usual })),
    ];
    for (name, settings) in cases {
        let (start, mask) = match name {
            "only_masked" => (large(), grey(&reference["large_mask"])),
            _ => (start(), grey(&reference["mask"])),
        };
        let ours = made(&masked(choice.clone(), settings, start, mask));
        let worst = worst(&ours, &color(&reference[name]));
        println!("{name}: a pixel differs by at most {worst}");
        assert!(worst <= 1, "{name}: a pixel differs by {worst}");
    }
}

#[test]
fn inpainting_and_edit_models_predict_and_paint_as_in_the_reference() {
    let reference = reference();
    let inputs = candle_core::safetensors::load(fixture("model_kinds.safetensors"), &Device::Cpu).expect("reads");
    let states = inputs["sd1.states"].to_dtype(DType::F32).expect("f32");
    // The reference has the prompt first, and the denoiser the negative prompt.
    let states = Tensor::cat(&[&states.narrow(0, 1, 1).expect("one"), &states.narrow(0, 0, 1).expect("one")], 0);
    let states = states.expect("both");
    let x = inputs["latent"].narrow(0, 0, 1).expect("one");
    for (name, channels) in [("inpainting_model", 9), ("edit_model", 8)] {
        let folder = tempfile::tempdir().expect("folder");
        let choice = write_model(folder.path(), channels);
        let model = Model::load_for_test(&choice, Dtype::F32).expect("loads");
        let request = match channels {
            9 => masked(choice, settings(Inpaint::default()), start(), grey(&reference["mask"])),
            _ => {
                let inpaint = None;
                let euler = Settings { sampler: Sampler::Euler, inpaint, ..settings(Inpaint::default()) };
                let settings = Settings { strength: 1.0, image_cfg: Some(1.4), ..euler };
                Request::new(choice, settings, Some(Arc::new(start())))
            }
        };
        let repaint = Repaint::new(&request).expect("prepares");
        let job = Job {
            model: &model,
            request: &request,
            prompt: &request.settings.prompt,
            embeddings: None,
            previews: Previews::Linear,
            tiled_vae: TiledVae::Off,
            controls: &[],
            depth: None,
            unets: &StepUNets::default(),
            hook: &NoHook,
        };
        let extra = extra_input(&job, repaint.as_ref(), None, &Watch::default()).expect("encodes");
        if let ExtraInput::Inpainting(condition) = &extra {
            let gap = gap(condition, &reference["inpainting_model.condition"]);
            assert!(gap < 1e-4, "what it takes besides: {gap}");
        }
        let denoiser =
            Denoiser { unet: &model.unet, prediction: model.prediction, cfg_scale: 6.0, extra: &extra, control: None };
        let timestep = model.levels.timestep(2.5);
        let level = NoiseLevel { sigma: 2.5, timestep };
        let rows = PromptRows::plain(states.clone(), true);
        let clean = denoiser.denoise(&x, level, &rows, &mut DeepFeatures::new(1), &Watch::default()).expect("predicts");
        let gap = gap(&clean, &reference[&format!("{name}.clean")]);
        println!("{name}: the clean latent differs by {gap}");
        // The three predictions enter with factors that add up to 2·6 + 2·1.4 + 1, and differences between them with these.
        // 1.8e-4 was measured for them together; what each of them differs by is not tested here.
        let most = if channels == 9 { 1e-4 } else { 5e-4 };
        assert!(gap < most, "{name}: {gap}");
        let worst = worst(&made(&request), &color(&reference[name]));
        println!("{name}: a pixel differs by at most {worst}");
        assert!(worst <= 1, "{name}: a pixel differs by {worst}");
    }
}

#[test]
fn a_model_that_edits_pictures_needs_one_and_an_inpainting_model_does_without() {
    let folder = tempfile::tempdir().expect("folder");
    let choice = write_model(folder.path(), 8);
    let settings = Settings { inpaint: None, steps: 2, ..settings(Inpaint::default()) };
    let request = Request::new(choice, settings.clone(), None);
    let refused = LocalEngine::new(Runtime::default()).generate(&request, &Cancel::default(), &mut |_| {});
    assert!(refused.expect_err("refused").to_string().contains("Give a start image"));
    let folder = tempfile::tempdir().expect("folder");
    let choice = write_model(folder.path(), 9);
    assert_eq!(made(&Request::new(choice, settings, None)).dimensions(), (SIDE, SIDE));
}

#[test]
fn a_latent_of_another_shape_is_masked_in_its_own_size() {
    let request = masked(
        ModelChoice::Starter,
        settings(Inpaint::default()),
        start(),
        GrayImage::from_pixel(64, 64, image::Luma([255])),
    );
    let repaint = Repaint::new(&request).expect("prepares").expect("a mask");
    let kept = Tensor::zeros((1, 4, 8, 16), DType::F32, &Device::Cpu).expect("zeros");
    let latent = MaskedLatent::new(&repaint, kept, &Device::Cpu).expect("a latent");
    assert_eq!(latent.start(|_| unreachable!("nothing is drawn")).expect("a start").dims(), [1, 4, 8, 16]);
}
