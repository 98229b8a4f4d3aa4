//! Jobs with hooks, and jobs that are cancelled.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{DType, Device, Tensor};
use image::RgbImage;

use super::hook::{NoHook, StepHook, StepInfo};
use super::job::{self, Job, Previews};
use super::pixels::decode;
use super::step_unets::StepUNets;
use crate::diffusion::LocalEngine;
use crate::diffusion::model::Model;
use crate::diffusion::networks::unet::{Conditions, Residuals, ResidualsNeeded};
use crate::diffusion::sampling::deep_features::DeepFeatures;
use crate::diffusion::sampling::denoiser::{Control, Denoiser, NoiseLevel};
use crate::diffusion::sampling::extra_input::ExtraInput;
use crate::diffusion::sampling::noise::Noise;
use crate::diffusion::sampling::prompt_rows::PromptRows;
use crate::diffusion::text::conditioning::PromptEncoder;
use crate::diffusion::watch::Watch;
use crate::engine::{
    Cancel, Dtype, Emphasis, Engine, Error, Event, Mask, ModelChoice, Plan, PredictionType, Request, Rng, Runtime,
    Sampler, SamplerOptions, Schedule, Settings, Sheet, SheetAxis, TiledVae,
};

fn request(from_picture: bool) -> Request {
    let settings = Settings { width: 64, height: 64, steps: 4, batch: 2, seed: 5, ..Settings::default() };
    let start = Arc::new(RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8 * 3, y as u8 * 3, 90])));
    Request::new(ModelChoice::Starter, settings, from_picture.then_some(start))
}

fn starter() -> Model {
    Model::load_for_test(&ModelChoice::Starter, Dtype::F32).expect("the starter")
}

/// UNets for prompts whose LoRAs count in all steps.
fn all_steps() -> &'static StepUNets {
    static ALL: std::sync::OnceLock<StepUNets> = std::sync::OnceLock::new();
    ALL.get_or_init(StepUNets::default)
}

fn job<'a>(model: &'a Model, request: &'a Request, hook: &'a dyn StepHook) -> Job<'a> {
    let prompt = &request.settings.prompt;
    Job {
        model,
        request,
        prompt,
        embeddings: None,
        previews: Previews::Linear,
        tiled_vae: TiledVae::Auto,
        controls: &[],
        depth: None,
        unets: all_steps(),
        hook,
    }
}

fn pictures(job: &Job<'_>) -> Result<Vec<RgbImage>, Error> {
    let mut made = Vec::new();
    job::run(job, &Watch::default(), &mut |event| {
        if let Event::Finished(finished) = event {
            made.push(finished.picture);
        }
    })?;
    Ok(made)
}

/// Notes every step, and puts latents in the place of the sampler's.
#[derive(Default)]
struct Recorder {
    seen: RefCell<Vec<StepInfo>>,
    latent: Option<Tensor>,
}

impl StepHook for Recorder {
    fn change_latent(&self, step: &StepInfo, latent: Tensor) -> Result<Tensor, Error> {
        self.seen.borrow_mut().push(*step);
        Ok(self.latent.clone().unwrap_or(latent))
    }
}

#[test]
fn a_hook_is_called_after_every_step_and_decides_on_the_latent() {
    let (model, request) = (starter(), request(false));
    let recorder = Recorder::default();
    let plain = pictures(&job(&model, &request, &NoHook)).expect("runs");
    assert!(pictures(&job(&model, &request, &recorder)).expect("runs") == plain);
    let seen = recorder.seen.into_inner();
    let places: Vec<_> = seen.iter().map(|info| (info.image, info.step, info.steps)).collect();
    assert_eq!(places, [0, 1].map(|image| [0, 1, 2, 3].map(|step| (image, step, 4))).concat());
    assert!(seen.windows(2).all(|pair| pair[0].image < pair[1].image || pair[0].next == pair[1].sigma));
    assert_eq!(seen[3].next, 0.0);

    let grey = Tensor::zeros((1, 4, 8, 8), DType::F32, &Device::Cpu).expect("zeros");
    let replaced = Recorder { latent: Some(grey.clone()), ..Recorder::default() };
    let want = decode(&model.vae, &grey, None, &Watch::default()).expect("decodes");
    assert!(pictures(&job(&model, &request, &replaced)).expect("runs") == [want.clone(), want]);
}

/// Leaves an image out as soon as a step of it is done.
struct Skip(Cancel);

impl StepHook for Skip {
    fn change_latent(&self, step: &StepInfo, latent: Tensor) -> Result<Tensor, Error> {
        if step.image == 1 {
            self.0.leave_out(1);
        }
        Ok(latent)
    }
}

#[test]
fn images_that_are_left_out_are_not_made_and_the_others_are_the_same() {
    let (model, mut request) = (starter(), request(false));
    request.settings.batch = 3;
    let all = pictures(&job(&model, &request, &NoHook)).expect("runs");
    let cancel = Cancel::default();
    cancel.leave_out(0);
    let hook = Skip(cancel.clone());
    let mut made = Vec::new();
    job::run(&job(&model, &request, &hook), &Watch::new(&cancel), &mut |event| match event {
        Event::Finished(finished) => made.push((finished.image, finished.picture)),
        Event::Step { image, step, .. } => assert!(image != 0 && (image, step) != (1, 3), "image {image}, step {step}"),
        _ => {}
    })
    .expect("goes on without them");
    assert!(made == [(2, all[2].clone())]);
    cancel.cancel();
    cancel.leave_out(2);
    let cancelled = job::run(&job(&model, &request, &NoHook), &Watch::new(&cancel), &mut |_| {});
    assert!(matches!(cancelled, Err(Error::Cancelled)));
}

fn with_prompt(prompt: &str, settings: Settings) -> Request {
    Request { settings: Settings { prompt: prompt.into(), ..settings }, ..request(false) }
}

#[test]
fn a_prompt_that_changes_makes_another_picture_than_its_parts_and_the_same_alone_and_in_a_batch() {
    let model = starter();
    let one = |prompt: &str, seed| {
        let request = with_prompt(prompt, Settings { batch: 1, seed, ..request(false).settings });
        pictures(&job(&model, &request, &NoHook)).expect("runs").remove(0)
    };
    for prompt in
        ["[a red apple:a green pear:0.5]", "[a red apple|a green pear]", "a red [apple:2] AND a green pear:0.7"]
    {
        let batch = pictures(&job(&model, &with_prompt(prompt, request(false).settings), &NoHook)).expect("runs");
        assert!(batch == [one(prompt, 5), one(prompt, 6)], "{prompt}");
        assert!(batch[0] != one("a red apple", 5) && batch[0] != one("a green pear", 5), "{prompt}");
    }
    // A change that is never reached, and one that has happened before the first step.
    assert!(one("a [red:green:1.0] apple", 5) == one("a red apple", 5));
    assert!(one("a [red:green:0] apple", 5) == one("a green apple", 5));
    // With 4 steps the texts of the evaluations are those of steps 1, 1, 2 and 3.
    assert!(one("a [red|green] apple", 5) == one("a [[red:green:1]:red:2] apple", 5));
    let negative = |negative: &str| {
        let settings = Settings { negative: negative.into(), batch: 1, ..request(false).settings };
        pictures(&job(&model, &with_prompt("an apple", settings), &NoHook)).expect("runs").remove(0)
    };
    assert!(negative("[red:green:2]") != negative("red") && negative("[red:green:2]") != negative("green"));
}

#[test]
fn options_of_sampling_change_the_picture_where_they_apply_and_only_there() {
    let model = starter();
    let usual = SamplerOptions::default;
    let make = |sampler, schedule, sampling: SamplerOptions| {
        let settings = Settings { sampler, schedule, sampling, batch: 1, ..request(false).settings };
        let request = with_prompt("a (red:1.4) apple", Settings { negative: "dull".into(), ..settings });
        pictures(&job(&model, &request, &NoHook)).expect("runs").remove(0)
    };
    let ensd = SamplerOptions { noise_seed_delta: 31337, ..usual() };
    for (sampler, options, changes) in [
        (Sampler::EulerA, ensd.clone(), true),
        (Sampler::Euler, ensd.clone(), false),
        (Sampler::DpmPp2mSde, ensd, false),
        (Sampler::EulerA, SamplerOptions { eta: Some(0.5), ..usual() }, true),
        (Sampler::EulerA, SamplerOptions { eta: Some(1.0), ..usual() }, false),
        (Sampler::Ddim, SamplerOptions { eta: Some(0.5), ..usual() }, true),
        (Sampler::Ddim, SamplerOptions { eta: Some(0.0), ..usual() }, false),
        (Sampler::Euler, SamplerOptions { churn: 3.0, ..usual() }, true),
        (Sampler::DpmPp2m, SamplerOptions { churn: 3.0, ..usual() }, false),
        (Sampler::Euler, SamplerOptions { discard_penultimate: true, ..usual() }, true),
        (Sampler::Euler, SamplerOptions { sgm_noise: true, ..usual() }, true),
        (Sampler::Ddim, SamplerOptions { sgm_noise: true, ..usual() }, false),
        (Sampler::Euler, SamplerOptions { skip_early: 0.3, ..usual() }, true),
        (Sampler::Euler, SamplerOptions { negative_min_sigma: 9.0, negative_min_sigma_all: true, ..usual() }, true),
        (Sampler::Euler, SamplerOptions { emphasis: Emphasis::NoNorm, ..usual() }, true),
        (Sampler::Euler, SamplerOptions { emphasis: Emphasis::Ignore, ..usual() }, true),
        (Sampler::Euler, SamplerOptions { emphasis: Emphasis::None, ..usual() }, true),
        (Sampler::Euler, SamplerOptions { zero_snr: true, ..usual() }, true),
        // The starter predicts velocity.
        (Sampler::Euler, SamplerOptions { prediction: Some(PredictionType::V), ..usual() }, false),
        (Sampler::Euler, SamplerOptions { prediction: Some(PredictionType::Epsilon), ..usual() }, true),
        (Sampler::Euler, SamplerOptions { rho: 5.0, ..usual() }, true),
        (Sampler::Euler, SamplerOptions { beta_alpha: 0.5, ..usual() }, false),
    ] {
        let plain = make(sampler, Schedule::Karras, usual());
        let made = make(sampler, Schedule::Karras, options.clone());
        assert_eq!(made != plain, changes, "{sampler:?} {options:?}");
    }
}

#[test]
fn the_noise_of_steps_comes_from_the_seed_and_its_delta() {
    let model = starter();
    let make = |seed, delta| {
        let sampling = SamplerOptions { noise_seed_delta: delta, ..SamplerOptions::default() };
        // Two steps: the noise at the start, and that of one step.
        let settings =
            Settings { sampler: Sampler::Lcm, steps: 2, sampling, seed, batch: 2, ..request(false).settings };
        pictures(&job(&model, &with_prompt("an apple", settings), &NoHook)).expect("runs")
    };
    let (batch, alone) = (make(5, 1000), make(6, 1000));
    assert!(batch[1] == alone[0], "each picture of a batch has its own seed and delta");
    assert!(batch[0] != make(5, 0)[0]);
}

#[test]
fn a_prompt_that_changes_is_read_over_the_steps_of_each_picture_of_a_sheet() {
    let model = starter();
    let prompt = "[a red apple:a green pear, lying on a white cloth, :0.5] AND [a|b BREAK c]:0.3";
    let settings = Settings { cfg_scale: 3.0, negative: "[dull: ]".into(), ..request(false).settings };
    let sheet = Sheet::new(SheetAxis::Steps(vec![3, 6]), Some(SheetAxis::Sampler(vec![Sampler::Euler, Sampler::Heun])))
        .expect("a sheet");
    let plan = Plan { sheet: Some(sheet.clone()), ..Plan::default() };
    let settings = Settings { prompt: prompt.into(), ..settings };
    let request = Request::planned(ModelChoice::Starter, settings.clone(), plan, None);
    let made = pictures(&job(&model, &request, &NoHook)).expect("runs");
    for (cell, made) in made.iter().enumerate() {
        let alone = Settings { batch: 1, ..sheet.settings_of(cell, &settings) };
        let alone = Request::new(ModelChoice::Starter, alone, None);
        assert!(pictures(&job(&model, &alone, &NoHook)).expect("runs")[0] == *made, "{}", sheet.label(cell));
    }
}

#[test]
fn prompts_joined_with_and_follow_the_formula_of_composable_diffusion() {
    let model = starter();
    let watch = Watch::default();
    let device = &model.device.candle;
    let encoder = PromptEncoder {
        tokens: &model.tokens,
        text: &model.text,
        device,
        skip: 0,
        embeddings: &[],
        emphasis: Emphasis::Original,
    };
    let states = encoder.encode(&["dull", "an apple", "a pear", "a plum"], &watch).expect("states");
    let denoiser = Denoiser {
        unet: &model.unet,
        prediction: model.prediction,
        cfg_scale: 6.5,
        extra: &ExtraInput::None,
        control: None,
    };
    let level = NoiseLevel { sigma: 1.7, timestep: model.levels.timestep(1.7) };
    let x = Noise::new(Rng::Cpu, 3).draw((1, 4, 8, 8)).and_then(|x| x * 2.0).expect("noise");
    let numbers = |tensor: Tensor| tensor.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("numbers");
    let alone = |row| {
        let rows = PromptRows::plain(states.narrow(0, row, 1).expect("a row"), false);
        numbers(denoiser.denoise(&x, level, &rows, &mut DeepFeatures::new(1), &watch).expect("an estimate"))
    };
    let estimates: Vec<Vec<f32>> = (0..4).map(alone).collect();
    let weights = [1.0, -0.5, 0.8];
    for with_negative in [true, false] {
        let used = if with_negative { states.clone() } else { states.narrow(0, 1, 3).expect("rows") };
        let rows = PromptRows { states: used, with_negative, weights: weights.to_vec(), regions: None };
        let made = numbers(denoiser.denoise(&x, level, &rows, &mut DeepFeatures::new(1), &watch).expect("an estimate"));
        // Without a negative prompt the first prompt is in its place, at scale 1.
        let (base, scale) = if with_negative { (&estimates[0], 6.5) } else { (&estimates[1], 1.0) };
        for (place, made) in made.iter().enumerate() {
            let base = f64::from(base[place]);
            let terms = weights.iter().zip(&estimates[1..]);
            let wanted: f64 = base + terms.map(|(w, e)| w * scale * (f64::from(e[place]) - base)).sum::<f64>();
            assert!((f64::from(*made) - wanted).abs() < 2e-4, "{made} is not {wanted}");
        }
    }
}

/// Puts zeros in the place of the model's estimates.
struct Clean;

impl StepHook for Clean {
    fn change_clean(&self, _: &StepInfo, clean: Tensor) -> Result<Tensor, Error> {
        Ok(clean.zeros_like()?)
    }
}

#[test]
fn a_hook_decides_on_the_clean_latent() {
    let (model, mut request) = (starter(), request(true));
    request.settings.sampler = Sampler::Heun;
    let grey = Tensor::zeros((1, 4, 8, 8), DType::F32, &Device::Cpu).expect("zeros");
    let want = decode(&model.vae, &grey, None, &Watch::default()).expect("decodes");
    // Every schedule ends on the clean latent.
    assert!(pictures(&job(&model, &request, &Clean)).expect("runs") == [want.clone(), want]);
}

#[test]
fn an_error_of_a_hook_ends_the_job() {
    struct Fails;
    impl StepHook for Fails {
        fn change_latent(&self, _: &StepInfo, _: Tensor) -> Result<Tensor, Error> {
            Err(Error::Setting("The mask is gone.".into()))
        }
    }
    let (model, request) = (starter(), request(false));
    assert_eq!(pictures(&job(&model, &request, &Fails)).expect_err("ends").to_string(), "The mask is gone.");
}

#[test]
fn a_control_network_is_asked_with_the_guided_batch_and_told_which_rows_are_negative() {
    struct Counts(RefCell<Vec<(usize, usize, usize)>>);
    impl Control for Counts {
        fn residuals(
            &self,
            x: &Tensor,
            conditions: &Conditions<'_>,
            negatives: usize,
            _: ResidualsNeeded,
            _: &Watch,
        ) -> Result<Residuals, Error> {
            self.0.borrow_mut().push((x.dim(0)?, conditions.states.dim(0)?, negatives));
            Err(Error::Setting("No residuals.".into()))
        }
    }
    let model = starter();
    let width = model.text.width().expect("a width");
    let of = |shape: (usize, usize, usize)| Tensor::zeros(shape, DType::F32, &Device::Cpu).expect("zeros");
    let latent = Tensor::zeros((1, 4, 8, 8), DType::F32, &Device::Cpu).expect("zeros");
    let edit = ExtraInput::Edit { image: latent.clone(), scale: 1.5 };
    let control = Counts(RefCell::default());
    let three = PromptRows { states: of((3, 77, width)), with_negative: true, weights: vec![1.0; 2], regions: None };
    for (rows, extra) in [
        (PromptRows::plain(of((2, 77, width)), true), &ExtraInput::None),
        (PromptRows::plain(of((1, 77, width)), false), &ExtraInput::None),
        (three, &ExtraInput::None),
        (PromptRows::plain(of((2, 77, width)), true), &edit),
    ] {
        let prediction = model.prediction;
        let denoiser = Denoiser { unet: &model.unet, prediction, cfg_scale: 7.0, extra, control: Some(&control) };
        let level = NoiseLevel { sigma: 1.0, timestep: 500.0 };
        let error =
            denoiser.denoise(&latent, level, &rows, &mut DeepFeatures::new(1), &Watch::default()).expect_err("ends");
        assert_eq!(error.to_string(), "No residuals.");
    }
    assert_eq!(control.0.into_inner(), [(2, 2, 1), (1, 1, 0), (2, 2, 1), (3, 3, 2)]);
}

#[test]
fn the_engine_makes_the_same_pictures_as_the_pipeline() {
    let (model, request) = (starter(), request(true));
    let mut made = Vec::new();
    LocalEngine::new(Runtime { dtype: Dtype::F32, ..Runtime::default() })
        .generate(&request, &Cancel::default(), &mut |event| {
            if let Event::Finished(finished) = event {
                made.push(finished.picture);
            }
        })
        .expect("runs");
    assert!(made == pictures(&job(&model, &request, &NoHook)).expect("runs"));
}

#[test]
fn half_precision_weights_make_the_same_picture_to_one_level() {
    // The starter's weights are in half precision, so what is left is the rounding of Winograd's kernels.
    let of = |dtype| {
        let (mut made, wide) = (Vec::new(), request(true));
        // A high CFG scale would multiply the rounding.
        let settings =
            Settings { width: 128, height: 128, batch: 1, steps: 12, cfg_scale: 1.5, ..wide.settings.clone() };
        let start = image::imageops::resize(wide.start().expect("a start"), 128, 128, image::imageops::Triangle);
        let request = Request::new(ModelChoice::Starter, settings, Some(Arc::new(start)));
        LocalEngine::new(Runtime { dtype, ..Runtime::default() })
            .generate(&request, &Cancel::default(), &mut |event| {
                if let Event::Finished(finished) = event {
                    made.extend(finished.picture.into_raw());
                }
            })
            .expect("runs");
        made
    };
    let (half, whole) = (of(Dtype::F16), of(Dtype::F32));
    let differences: Vec<u8> = half.iter().zip(&whole).map(|(a, b)| a.abs_diff(*b)).collect();
    assert!(whole.len() == 3 * 128 * 128 && differences.iter().all(|difference| *difference <= 1));
    assert!(differences.contains(&1), "the kernels were rounded");
}

#[test]
fn every_picture_of_a_sheet_is_the_one_made_alone() {
    let model = starter();
    let start = request(true).start().cloned().map(Arc::new);
    let settings = Settings { sampler: Sampler::EulerA, negative: "dull, ".repeat(60), ..request(true).settings };
    let guided_and_not = SheetAxis::CfgScale(vec![1.0, 3.0]);
    let strengths = SheetAxis::Strength(vec![0.45, 0.9, 1.0]);
    for sheet in [Sheet::strength_ladder(), Sheet::new(strengths, Some(guided_and_not)).expect("a sheet")] {
        let plan = Plan { sheet: Some(sheet.clone()), ..Plan::default() };
        let request = Request::planned(ModelChoice::Starter, settings.clone(), plan, start.clone());
        let made = pictures(&job(&model, &request, &NoHook)).expect("runs");
        assert_eq!(made.len(), sheet.cells());
        for (cell, made) in made.iter().enumerate() {
            let alone = Settings { batch: 1, ..sheet.settings_of(cell, &settings) };
            let alone = Request::new(ModelChoice::Starter, alone, start.clone());
            assert!(pictures(&job(&model, &alone, &NoHook)).expect("runs")[0] == *made, "{}", sheet.label(cell));
        }
        // Of four steps 0.75 and 0.9 run as many.
        assert!(made[0] != made[1] && made[1] != made[2], "they differ");
    }
}

#[test]
fn what_is_outside_a_mask_is_kept_pixel_by_pixel_whatever_the_sampler_and_the_batch() {
    let model = starter();
    let start = request(true).start().cloned().map(Arc::new);
    let mask = Mask::from_fn(64, 64, |x, y| (16..32).contains(&x) && (16..32).contains(&y));
    let plan = Plan { mask: Some(mask.clone()), ..Plan::default() };
    let weights = mask.weights(6);
    for sampler in [Sampler::DpmPp2m, Sampler::EulerA, Sampler::Ddim, Sampler::UniPc, Sampler::DpmPpSde] {
        for strength in [0.6, 1.0] {
            // With a single step there is nothing to be held before it.
            let settings = Settings { sampler, strength, steps: 8, feather: 6, ..request(true).settings };
            let masked = |settings: Settings, plan: &Plan| {
                let request = Request::planned(ModelChoice::Starter, settings, plan.clone(), start.clone());
                pictures(&job(&model, &request, &NoHook)).expect("runs")
            };
            let made = masked(settings.clone(), &plan);
            let start = start.as_ref().expect("a start image");
            for (picture, name) in made.iter().zip(["first", "second"]) {
                let mut changed = 0;
                for ((new, old), weight) in picture.pixels().zip(start.pixels()).zip(&weights) {
                    assert!(*weight > 0.0 || new == old, "{sampler:?} {strength} {name}");
                    changed += usize::from(*weight == 1.0 && new != old);
                }
                assert!(changed > 200, "{sampler:?} {strength} {name}: {changed} of 256 painted pixels changed");
            }
            let alone = masked(Settings { seed: settings.seed + 1, batch: 1, ..settings.clone() }, &plan);
            assert!(alone[0] == made[1], "{sampler:?} {strength}: alone or in a batch");
            // The latent is held, not only the picture: what surrounds it shapes what is painted.
            let free = masked(settings, &Plan::default());
            let painted = |picture: &RgbImage| mask_only(picture, &mask);
            assert!(strength == 1.0 || painted(&free[0]) != painted(&made[0]), "{sampler:?}");
        }
    }
}

/// The pixels of a picture inside a mask.
fn mask_only(picture: &RgbImage, mask: &Mask) -> Vec<[u8; 3]> {
    picture.enumerate_pixels().filter(|(x, y, _)| mask.is_painted(*x, *y)).map(|(_, _, pixel)| pixel.0).collect()
}

#[test]
fn a_job_that_is_cancelled_anywhere_reports_nothing_more() {
    let (model, mut request) = (starter(), request(true));
    request.settings.batch = 1;
    request.settings.steps = 2;
    let preview = &*model.vae;
    let run = |at: usize| {
        let (cancel, count) = (Cancel::default(), Arc::new(AtomicUsize::new(0)));
        let watch = {
            let (cancel, count) = (cancel.clone(), Arc::clone(&count));
            Watch::observed(&cancel.clone(), move || {
                if count.fetch_add(1, Ordering::SeqCst) + 1 == at {
                    cancel.cancel();
                }
            })
        };
        let mut late = 0;
        // As its first job: nothing is kept of the previous run.
        let model = model.with_nothing_kept();
        let job = Job { previews: Previews::Autoencoder(preview), ..job(&model, &request, &NoHook) };
        let done = job::run(&job, &watch, &mut |_| late += usize::from(cancel.is_cancelled()));
        (done, count.load(Ordering::SeqCst), late)
    };
    let (done, checks, _) = run(usize::MAX);
    done.expect("runs");
    // The prompt, the start image, two steps with previews by an autoencoder, and the picture.
    for at in (1..=checks).step_by(29) {
        let (done, seen, late) = run(at);
        assert!(matches!(done, Err(Error::Cancelled)), "cancelled at {at}: {done:?}");
        assert_eq!((seen, late), (at, 0), "cancelled at {at} of {checks}");
    }
}
