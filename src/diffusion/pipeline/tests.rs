//! Jobs with hooks, and jobs that are cancelled.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::Tensor;
use image::RgbImage;

use super::hook::{NoHook, StepHook, StepInfo};
use super::job::{self, Job};
use super::pixels::decode;
use crate::diffusion::LocalEngine;
use crate::diffusion::model::Model;
use crate::diffusion::networks::unet::{Conditions, Residuals};
use crate::diffusion::sampling::denoiser::Control;
use crate::diffusion::watch::Watch;
use crate::engine::{
    Cancel, Dtype, Engine, Error, Event, ModelChoice, Plan, Request, Runtime, Sampler, Settings, Sheet, SheetAxis,
};

fn request(from_picture: bool) -> Request {
    let settings = Settings { width: 64, height: 64, steps: 4, batch: 2, seed: 5, ..Settings::default() };
    let start = Arc::new(RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8 * 3, y as u8 * 3, 90])));
    Request::new(ModelChoice::Starter, settings, from_picture.then_some(start))
}

fn starter() -> Model {
    Model::load_for_test(&ModelChoice::Starter, Dtype::F32).expect("the starter")
}

fn job<'a>(model: &'a Model, request: &'a Request, hook: &'a dyn StepHook) -> Job<'a> {
    let prompt = &request.settings.prompt;
    Job { model, request, prompt, embeddings: None, preview: None, control: None, hook }
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

    let grey = Tensor::zeros((1, 4, 8, 8), candle_core::DType::F32, &candle_core::Device::Cpu).expect("zeros");
    let replaced = Recorder { latent: Some(grey.clone()), ..Recorder::default() };
    let want = decode(&model.vae, &grey, &Watch::default()).expect("decodes");
    assert!(pictures(&job(&model, &request, &replaced)).expect("runs") == [want.clone(), want]);
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
    let grey = Tensor::zeros((1, 4, 8, 8), candle_core::DType::F32, &candle_core::Device::Cpu).expect("zeros");
    let want = decode(&model.vae, &grey, &Watch::default()).expect("decodes");
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
fn a_control_network_is_asked_at_every_evaluation_with_the_guided_batch() {
    struct Counts(AtomicUsize);
    impl Control for Counts {
        fn residuals(&self, x: &Tensor, conditions: &Conditions<'_>, _: &Watch) -> Result<Residuals, Error> {
            assert_eq!((x.dim(0)?, conditions.states.dim(0)?), (2, 2));
            self.0.fetch_add(1, Ordering::SeqCst);
            Err(Error::Setting("No residuals.".into()))
        }
    }
    let (model, request) = (starter(), request(false));
    let control = Counts(AtomicUsize::new(0));
    let with = Job { control: Some(&control), ..job(&model, &request, &NoHook) };
    assert_eq!(pictures(&with).expect_err("ends").to_string(), "No residuals.");
    assert_eq!(control.0.load(Ordering::SeqCst), 1);
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
fn every_picture_of_a_sheet_is_the_one_made_alone() {
    let model = starter();
    let start = request(true).start().cloned().map(Arc::new);
    let settings = Settings { sampler: Sampler::EulerA, negative: "dull, ".repeat(60), ..request(true).settings };
    let guided_and_not = SheetAxis::CfgScale(vec![1.0, 3.0]);
    let strengths = SheetAxis::Strength(vec![0.45, 0.9, 1.0]);
    for sheet in [Sheet::strength_ladder(), Sheet::new(strengths, Some(guided_and_not)).expect("a sheet")] {
        let plan = Plan { sheet: Some(sheet.clone()) };
        let request = Request::planned(ModelChoice::Starter, settings.clone(), plan, start.clone());
        let made = pictures(&job(&model, &request, &NoHook)).expect("runs");
        assert_eq!(made.len(), sheet.cells());
        for (cell, made) in made.iter().enumerate() {
            let alone = Settings { batch: 1, ..sheet.settings_of(cell, &settings) };
            let alone = Request::new(ModelChoice::Starter, alone, start.clone());
            assert!(pictures(&job(&model, &alone, &NoHook)).expect("runs")[0] == *made, "{}", sheet.label(cell));
        }
        assert!(made.windows(2).all(|pair| pair[0] != pair[1]), "all differ");
    }
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
        let job = Job { preview: Some(preview), ..job(&model, &request, &NoHook) };
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
